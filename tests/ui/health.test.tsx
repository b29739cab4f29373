import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import type { Change } from '../../src/config/experiment.ts';
import { renderPage } from './render.tsx';

async function openHealth(change: Change = {}) {
  const test = await renderPage({ experiment: applyChange(DEFAULTS_V1, change) });
  const panel = await screen.findByLabelText('Health');
  const train = async (steps: number) => {
    await act(() => test.lab.commands.start());
    act(() => test.trainer.advance(steps));
    await act(() => test.lab.commands.pause());
  };
  const status = () => panel.querySelector('.health-word')?.textContent ?? '';
  const spoken = () => within(panel).getByRole('status').textContent;
  const findings = () => within(panel).queryAllByRole('listitem');
  return { ...test, panel, train, status, spoken, findings };
}

it('waits for a step, and says that all is well where it is', async () => {
  const { panel, train, status, spoken, findings } = await openHealth({ 'model.L': 2 });
  expect(panel.textContent).toContain('Nothing was trained yet');
  await train(30);
  await waitFor(() => expect(status()).toBe('All well'));
  expect(panel.textContent).toContain('10 checks');
  expect(findings()).toEqual([]);
  // Aloud only once it has stood for a while.
  expect(spoken()).toBe('');
  await waitFor(() => expect(spoken()).toBe('All well'));
});

it('names layer and slot of a dead slot, its step and numbers, leads there, and sees it end', async () => {
  const { lab, trainer, train, status, findings } = await openHealth();
  await train(30);
  // The fake trainer starves slot 6 of layer 2 until step 240.
  await waitFor(() => expect(status()).toContain('Dead slots'));
  const dead = () => findings().filter((row) => row.textContent?.includes('dead'));
  expect(dead().map((row) => row.textContent)).toEqual([
    'layer 2, slot 6: dead, no token chooses it since step 1: 0, allowed at least 1',
  ]);
  const said = status();
  act(() => trainer.advance(5));
  await waitFor(() => expect(lab.run.getState().step).toBe(35));
  expect(status()).toBe(said);
  fireEvent.click(within(dead()[0]!).getByRole('button'));
  expect(lab.view.getState()).toMatchObject({ layer: 2, scrub: 1 });
  await waitFor(() =>
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Load over steps'),
  );
  await act(() => lab.commands.start());
  act(() => trainer.advance(220));
  await act(() => lab.commands.pause());
  await waitFor(() => expect(status()).toBe('All well'));
  expect(dead()[0]?.textContent).toContain('steps 1 to 239');
});

it('leads from a router without a gradient to the setting that causes it', async () => {
  const { lab, train, status, findings } = await openHealth({
    'model.L': 2,
    'router.K': 1,
    'router.gate': 'renormalized',
  });
  await train(3);
  await waitFor(() => expect(status()).toContain('Gradient of routers'));
  const [row] = findings();
  expect(row?.textContent).toContain('K = 1');
  expect(row?.textContent).toContain('since step 1: gradient 0 by rule, allowed other than 0');
  let sought: unknown = null;
  const stop = lab.view.subscribe((now) => {
    sought ??= now.sought;
  });
  fireEvent.click(within(row!).getByRole('button'));
  stop();
  expect(sought).toEqual({ setting: 'router.gate' });
});
