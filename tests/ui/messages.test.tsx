import { act, fireEvent, render, screen, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { settingAt } from '../../src/config/schema.ts';
import { Field } from '../../src/ui/form/Field.tsx';
import { LabProvider } from '../../src/ui/kit/useLab.tsx';
import { Banners } from '../../src/ui/shell/Banners.tsx';
import { Toasts, toastMs } from '../../src/ui/shell/Toast.tsx';
import { testLab } from '../state/support.ts';

const LONG = 'x'.repeat(150);

it('messages stand together, each as long as it takes to read, and can be dismissed', async () => {
  const { lab } = await testLab();
  vi.useFakeTimers();
  render(
    <LabProvider lab={lab}>
      <Toasts />
    </LabProvider>,
  );
  act(() => {
    for (const text of ['one', LONG, 'three']) lab.view.getState().say(text);
  });
  const shown = () => screen.queryAllByRole('listitem').map((item) => item.textContent);
  expect(shown()).toEqual(['one', LONG, 'three']);
  expect(toastMs(LONG)).toBeGreaterThan(2 * toastMs('one'));
  const [first] = screen.getAllByRole('listitem');
  fireEvent.pointerEnter(first!);
  act(() => void vi.advanceTimersByTime(toastMs('three')));
  expect(shown()).toEqual(['one', LONG]);
  act(() => void vi.advanceTimersByTime(toastMs(LONG)));
  expect(shown()).toEqual(['one']);
  fireEvent.pointerLeave(first!);
  fireEvent.click(within(first!).getByRole('button', { name: 'Dismiss this message' }));
  expect(shown()).toEqual([]);
});

it('does not take a message away while its button has the focus', async () => {
  const { lab } = await testLab();
  vi.useFakeTimers();
  render(
    <LabProvider lab={lab}>
      <Toasts />
    </LabProvider>,
  );
  act(() => lab.view.getState().say('one'));
  act(() => screen.getByRole('button').focus());
  act(() => void vi.advanceTimersByTime(10 * toastMs('one')));
  expect(screen.queryAllByRole('listitem')).toHaveLength(1);
  act(() => screen.getByRole('button').blur());
  act(() => lab.view.getState().set({ sheet: 'about' }));
  act(() => void vi.advanceTimersByTime(10 * toastMs('one')));
  expect(screen.queryAllByRole('listitem')).toHaveLength(1);
  act(() => lab.view.getState().set({ sheet: null }));
  act(() => void vi.advanceTimersByTime(toastMs('one')));
  expect(screen.queryAllByRole('listitem')).toHaveLength(0);
});

it.each([
  ['model.D', { 'model.D': 33 }, 'D = 33 is not a multiple of H = 4'],
  ['model.H', { 'model.D': 33 }, 'D = 33 is not a multiple of H = 4'],
  ['optimizer.warmup', { 'optimizer.totalSteps': 20 }, 'longer than the run of n = 20 steps'],
  ['optimizer.totalSteps', { 'optimizer.totalSteps': 1 }, 'longer than the run of n = 1 step'],
])('a broken rule stands at %s as soon as %j', async (path, change, says) => {
  const { lab } = await testLab();
  const setting = settingAt(path)!;
  render(
    <LabProvider lab={lab}>
      <Field setting={setting} />
    </LabProvider>,
  );
  expect(screen.queryByRole('alert')).toBeNull();
  await act(() => lab.commands.edit(change));
  const alert = screen.getByRole('alert');
  expect(alert.textContent).toContain(says);
  const input = screen.getByRole('textbox');
  expect(input.getAttribute('aria-invalid')).toBe('true');
  expect(input.getAttribute('aria-describedby')).toBe(alert.id);
});

it('a banner says what did not happen, and not that the experiment cannot run', async () => {
  const { lab, trainer } = await testLab();
  await lab.commands.start();
  trainer.failNext('generate', 'ConfigInvalid', 'The texts do not have "~".');
  await lab.commands.generate(
    { prompts: ['~'], temperature: 1, tokens: 1, seed: 1, stops: [], candidates: 0 },
    () => undefined,
  );
  render(
    <LabProvider lab={lab}>
      <Banners />
    </LabProvider>,
  );
  expect(screen.getByRole('alert').textContent).toBe(
    'No sample was taken. The texts do not have "~".',
  );
});

it('a browser without an adapter is told one thing', async () => {
  const { lab } = await testLab();
  const message = 'This browser knows WebGPU but gives no adapter for it.';
  act(() => lab.run.getState().set({ failure: { code: 'NoWebGPU', message } }));
  render(
    <LabProvider lab={lab}>
      <Banners />
    </LabProvider>,
  );
  const { textContent } = screen.getByRole('alert');
  expect(textContent).toContain(message);
  expect(textContent).not.toContain('offers no WebGPU');
});
