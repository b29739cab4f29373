import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { renderPage } from './render.tsx';

const button = (name: string | RegExp) => screen.getByRole('button', { name });

/** What has the focus, by its name. */
function focused(): string {
  const element = document.activeElement;
  if (element === null || element === document.body) return 'the page';
  return element.getAttribute('aria-label') ?? element.textContent ?? '';
}

/** Presses a control as a keyboard does: with the focus on it. */
async function press(control: HTMLElement): Promise<void> {
  control.focus();
  await act(async () => {
    fireEvent.click(control);
  });
}

const focusIs = (name: string) => waitFor(() => expect(focused()).toBe(name));

it.each(['About', 'Keyboard shortcuts'])('gives the focus back to %s', async (name) => {
  await renderPage();
  await press(button(name));
  fireEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Close' }));
  await focusIs(name);
});

it('gives the focus back to the button whose menu opened a dialog', async () => {
  await renderPage();
  await press(button('Files'));
  fireEvent.click(await screen.findByRole('menuitem', { name: 'About Switchyard' }));
  await screen.findByRole('dialog');
  await act(async () => {
    fireEvent.keyDown(document.activeElement ?? document.body, { key: 'Escape' });
  });
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await focusIs('Files');
});

it('puts the focus on the main part where a key opened the dialog', async () => {
  await renderPage();
  fireEvent.keyDown(document.body, { key: '?' });
  fireEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Close' }));
  await waitFor(() => expect(document.activeElement?.tagName).toBe('MAIN'));
});

it('gives the focus back to Reset, whatever was answered', async () => {
  const test = await renderPage();
  for (const answer of ['Keep the run', 'Reset']) {
    await act(() => test.lab.commands.start());
    act(() => test.trainer.advance(60));
    await act(() => test.lab.commands.pause());
    await press(button('Reset to step 0'));
    const dialog = await screen.findByRole('dialog');
    await act(async () => {
      fireEvent.click(within(dialog).getByRole('button', { name: answer }));
    });
    await focusIs('Reset to step 0');
  }
});

it('keeps the focus on the first button from Start to the end of the run', async () => {
  const short = applyChange(DEFAULTS_V1, {
    ...TINY_SIZE,
    'optimizer.totalSteps': 30,
    'optimizer.warmup': 5,
  });
  const test = await renderPage({ experiment: short });
  await press(button('Start'));
  await focusIs('Pause');
  act(() => test.trainer.advance(30));
  await focusIs('Start');
  expect(button('Start').getAttribute('aria-disabled')).toBe('true');
  await press(button('Start'));
  expect(test.called().filter((name) => name === 'start')).toHaveLength(1);
});

it('does not cancel when Start is pressed twice', async () => {
  const test = await renderPage({ intervalMs: 20 });
  const start = button('Start');
  await press(start);
  await screen.findByRole('button', { name: 'Cancel' });
  expect(document.activeElement).toBe(start);
  await press(start);
  await screen.findByRole('button', { name: 'Pause' });
  expect(test.called()).not.toContain('dispose');
  expect(document.activeElement).toBe(start);
  await act(() => test.lab.commands.pause());
});

it('leaves no button under the focus when a start is cancelled', async () => {
  await renderPage({ intervalMs: 20 });
  await press(button('Start'));
  await press(await screen.findByRole('button', { name: 'Cancel' }));
  await focusIs('Transport');
});

it('presses once while Enter is held down', async () => {
  await renderPage();
  const isTaken = !fireEvent.keyDown(button('Start'), { key: 'Enter', repeat: true });
  expect(isTaken).toBe(true);
});

it('goes on to the next kept run, and to Keep run after the last', async () => {
  const test = await renderPage();
  await act(() => test.lab.commands.start());
  act(() => test.trainer.advance(20));
  const keep = button('Keep run');
  await press(keep);
  await press(keep);
  const [first, second] = test.lab.kept.getState().runs.map(({ name }) => name);
  await press(button(`Delete ${first}`));
  await focusIs(`Show ${second}`);
  await press(button(`Delete ${second}`));
  await focusIs('Keep run');
});

it('stays beside Reset zoom', async () => {
  const test = await renderPage();
  act(() => test.lab.view.getState().set({ zoom: [2, 9] }));
  await press(button('Reset zoom'));
  await focusIs('log y');
});

it('goes on below a banner that is dismissed', async () => {
  const test = await renderPage();
  test.trainer.failNext('open', 'DataMissing', 'own text is missing');
  await act(() => test.lab.commands.start());
  await press(button('Dismiss'));
  await waitFor(() =>
    expect(document.activeElement).toBe(screen.getByRole('slider', { name: 'Smoothing' })),
  );
});

it('stays on Undo when there is nothing more to undo', async () => {
  const test = await renderPage();
  await act(() => test.lab.commands.edit({ 'router.K': 3 }));
  await press(button('Undo'));
  expect(button('Undo').getAttribute('aria-disabled')).toBe('true');
  await focusIs('Undo');
  button('Redo').focus();
  await waitFor(() => expect(button('Undo')).toHaveProperty('disabled', true));
});

it('goes to the field of a setting that was put back', async () => {
  const test = await renderPage();
  await act(() => test.lab.commands.edit({ 'router.K': 3 }));
  await press(button(/^Reset Slots per token/));
  await waitFor(() =>
    expect(document.activeElement?.closest('[data-path]')?.getAttribute('data-path')).toBe(
      'router.K',
    ),
  );
});

it('lets the focus go where a person lets it go', async () => {
  await renderPage();
  const about = button('About');
  about.focus();
  about.blur();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(document.activeElement).toBe(document.body);
});
