import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { RecordingReport } from '../../src/worker/api.ts';
import { makeRow } from '../runs/support.ts';
import { renderPage } from './render.tsx';

const RECORDING: RecordingReport = {
  id: 'a',
  step: 4,
  checkpoint: null,
  failure: null,
  tooLarge: null,
};

it('offers to go on with the run that was left, and takes no for an answer', async () => {
  const { lab } = await renderPage();
  const checkpoints = [{ step: 400, bytes: 1, isPinned: false, at: 1 }];
  const resumable = makeRow('a', { name: 'Wide', steps: 437, checkpoints });
  act(() => lab.run.getState().set({ resumable }));
  const banner = await screen.findByRole('region', { name: 'A run that can go on' });
  expect(banner.textContent).toContain('Wide was left at step 437.');
  expect(banner.textContent).toContain('checkpoint of step 400: 37 steps are trained once more');
  expect(within(banner).getByRole('button', { name: 'Go on' })).toBeTruthy();
  fireEvent.click(within(banner).getByRole('button', { name: 'Dismiss' }));
  await waitFor(() => expect(screen.queryByText(/was left at step/)).toBeNull());
});

it.each([
  ['denied', 'This run is kept for this visit alone.', 'save what you want to keep as a file'],
  ['full', 'The newest part of this run is not stored.', '(2.00 KiB) as soon as there is room'],
  ['wiped', 'What was stored of this run is gone.', 'stored again from here on'],
] as const)('says what is not stored where storage is %s, once', async (kind, title, rest) => {
  const { lab } = await renderPage();
  const failure = { kind, message: 'Because of the test.', bytes: 2048 };
  const tell = (part: Partial<RecordingReport>) =>
    act(() => lab.run.getState().set({ recording: { ...RECORDING, ...part } }));
  tell({ failure });
  const banner = (await screen.findByText(title)).closest('[role="alert"]')!;
  expect(banner.textContent).toContain('Because of the test.');
  expect(banner.textContent).toContain(rest);
  const frees = within(banner as HTMLElement).queryByRole('button', { name: /Delete the oldest/ });
  expect(frees !== null).toBe(kind === 'full');
  fireEvent.click(within(banner as HTMLElement).getByRole('button', { name: 'Dismiss' }));
  tell({ failure: { ...failure, bytes: 4096 } });
  expect(screen.queryByText(title)).toBeNull();
  // Another run is told of again.
  tell({ id: 'b', failure });
  expect(screen.getByText(title)).toBeTruthy();
});

it('says that a checkpoint would be too large, and stores one when asked', async () => {
  const { lab, trainer } = await renderPage();
  const tooLarge = { bytes: 3 * 2 ** 30, allowed: 10 * 2 ** 30 };
  act(() => lab.run.getState().set({ recording: { ...RECORDING, tooLarge } }));
  const banner = (await screen.findByText(/No checkpoint of this run is taken by itself/))
    .parentElement!;
  expect(banner.textContent).toMatch(/3\.0+ GiB, more than 5 % of the 10\.0+ GiB/);
  fireEvent.click(screen.getByRole('button', { name: 'Store one now' }));
  await waitFor(() => expect(trainer.calls.at(-1)?.[0]).toBe('keepCheckpoint'));
  await screen.findByText(/A checkpoint of step 0 is stored/);
});
