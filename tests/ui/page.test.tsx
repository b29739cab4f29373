import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { createLab } from '../../src/state/lab.ts';
import { formatCount } from '../../src/ui/kit/format.ts';
import { fakeBar } from '../state/support.ts';
import { createFakeTrainer } from './fakeTrainer.ts';
import { renderPage } from './render.tsx';

async function runTo(test: Awaited<ReturnType<typeof renderPage>>, steps: number): Promise<void> {
  await act(() => test.lab.commands.start());
  act(() => test.trainer.advance(steps));
}

it('starts with one primary button and shows where the run is', async () => {
  const test = await renderPage();
  fireEvent.click(await screen.findByRole('button', { name: 'Start' }));
  await screen.findByRole('button', { name: 'Pause' });
  act(() => test.trainer.advance(120));
  expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe(
    String(Math.round((100 * 120) / DEFAULTS_V1.optimizer.totalSteps)),
  );
  screen.getByText('NVIDIA Ada Lovelace');
  screen.getByText('178 MiB');
});

it('shows every slot of a layer with figures that add up', async () => {
  const test = await renderPage({ room: 'routing' });
  await runTo(test, 10);
  const panel = screen.getByRole('region', { name: 'Load per expert' });
  const cells = (metric: string) =>
    [...panel.querySelectorAll(`tbody td[data-metric="${metric}"]`)].map((cell) =>
      Number.parseFloat((cell.textContent ?? '').replaceAll(',', '')),
    );
  const T = DEFAULTS_V1.batch.B * DEFAULTS_V1.batch.S;
  const sum = (metric: string) => cells(metric).reduce((a, b) => a + b, 0);
  await waitFor(() => expect(sum('tokens')).toBe(10 * T * DEFAULTS_V1.router.K));
  expect(sum('share')).toBeCloseTo(100, 0);
  expect(sum('ratio')).toBeCloseTo(DEFAULTS_V1.experts.slots.length, 1);
  within(panel).getByText(`= ${DEFAULTS_V1.router.K} slots × ${formatCount(10 * T)} tokens`);
});

it('marks dead experts in table and heat map', async () => {
  const test = await renderPage({ room: 'routing' });
  act(() => test.lab.view.getState().set({ layer: 2 }));
  await runTo(test, 10);
  const panel = screen.getByRole('region', { name: 'Load per expert' });
  await within(panel).findByText('dead');
  expect(panel.querySelector('[data-metric="dead"]')?.textContent).toBe('1');
  expect(document.querySelector('table.heat td.dead')?.textContent).toContain('0');
});

it('moves heat map, table and domains with the one scrubber', async () => {
  const test = await renderPage({ room: 'routing' });
  await runTo(test, 50);
  act(() => test.lab.view.getState().set({ scrub: 7 }));
  for (const name of ['Load by layer and slot', 'Load per expert', 'Routing by domain']) {
    await within(screen.getByRole('region', { name })).findByText(/step 7\b/);
  }
});

it('gives the formula of a figure', async () => {
  await renderPage({ room: 'routing' });
  fireEvent.click(screen.getByRole('button', { name: 'Coefficient of variation: explain' }));
  await screen.findByText('std(load/ideal) / mean(load/ideal)');
});

it('lists the problems of a link and starts only when asked to', async () => {
  const test = await renderPage({ fragment: 'v=1&D=999999&zz=1' });
  const dialog = await screen.findByRole('dialog');
  within(dialog).getByText(/999999 is not allowed/);
  within(dialog).getByText(/zz=1/);
  fireEvent.click(within(dialog).getByRole('button', { name: 'Look at the settings' }));
  fireEvent.click(await screen.findByRole('button', { name: 'Start' }));
  fireEvent.click(within(await screen.findByRole('dialog')).getByText('Start anyway'));
  await waitFor(() => expect(test.called()).toContain('start'));
});

it('offers a software adapter the tiny size and writes it into the experiment', async () => {
  const { lab } = await renderPage({ adapter: { isSoftware: true } });
  fireEvent.click(await screen.findByRole('button', { name: 'Use the tiny size' }));
  await waitFor(() =>
    expect(lab.config.getState().experiment).toEqual(applyChange(DEFAULTS_V1, TINY_SIZE)),
  );
  expect(screen.queryByText(/This is a software adapter/)).toBeNull();
});

it('explains how to get WebGPU where there is none, and stays usable', async () => {
  const trainer = createFakeTrainer();
  trainer.failNext('probe', 'NoWebGPU', 'navigator.gpu is undefined.');
  const lab = createLab({ client: trainer, bar: fakeBar(), storage: null });
  await vi.waitFor(() => expect(lab.run.getState().failure?.code).toBe('NoWebGPU'));
  const { LabProvider } = await import('../../src/ui/kit/useLab.tsx');
  const { App } = await import('../../src/ui/App.tsx');
  const { render } = await import('@testing-library/react');
  render(
    <LabProvider lab={lab}>
      <App />
    </LabProvider>,
  );
  await within(screen.getByRole('alert')).findByText(/Chrome or Edge 113/);
  expect(screen.getByRole('button', { name: 'Start' }).hasAttribute('disabled')).toBe(true);
  const header = screen.getByText('Switchyard').closest('header')!;
  within(header).getByText('No GPU');
  // A second look shows, also where it finds nothing and is over at once.
  trainer.failNext('probe', 'NoWebGPU', 'navigator.gpu is undefined.');
  fireEvent.click(screen.getByRole('button', { name: 'Look again' }));
  await within(header).findByText('Looking for a GPU…');
  within(screen.getByRole('alert')).getByRole('button', { name: 'Looking…' });
  await within(header).findByText('No GPU');
  fireEvent.click(await screen.findByRole('button', { name: 'Look again' }));
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  within(header).getByText('NVIDIA Ada Lovelace');
});

it.each([
  [
    'ModelTooLarge',
    'Logits: 256.0 MiB, at most 128.0 MiB.',
    /too large.*256\.0 MiB, at most 128\.0 MiB\.Use/,
  ],
  ['DataMissing', 'own text is missing', /text is missing/],
  ['ConfigInvalid', 'D = 0', /cannot run.*D = 0/],
])('tells of %s with its numbers', async (code, message, shown) => {
  const test = await renderPage();
  test.trainer.failNext('open', code, message);
  await act(() => test.lab.commands.start());
  expect((await screen.findByRole('alert')).textContent).toMatch(shown);
  fireEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
  fireEvent.click(screen.getByRole('button', { name: 'Start' }));
  await screen.findByRole('button', { name: 'Pause' });
});

it('says at which step and layer a run became non-finite', async () => {
  const test = await renderPage();
  await runTo(test, 5);
  act(() =>
    test.trainer.emit({
      type: 'stopped',
      reason: { kind: 'nonFinite', step: 6, layer: 3, message: 'The loss is NaN.' },
    }),
  );
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toMatch(
    /stopped at step 6, layer 3.*The loss is NaN\..*lower learning rate/,
  );
});

it('recovers a lost device', async () => {
  const test = await renderPage();
  await runTo(test, 5);
  act(() =>
    test.trainer.emit({
      type: 'stopped',
      reason: { kind: 'deviceLost', message: 'Driver reset.' },
    }),
  );
  fireEvent.click(await screen.findByRole('button', { name: 'Recover' }));
  await waitFor(() => expect(test.called()).toContain('restore'));
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
});

it('samples on demand and lists samples of the run', async () => {
  const test = await renderPage();
  await runTo(test, 100);
  const panel = screen.getByRole('region', { name: 'Sampled text' });
  await within(panel).findByText(/step 100/);
  fireEvent.change(within(panel).getByLabelText('Prompt'), { target: { value: 'Call me' } });
  fireEvent.click(within(panel).getByRole('button', { name: 'Sample' }));
  await within(panel).findByText('Call me', { selector: 'b' });
  expect(test.trainer.calls.at(-1)).toMatchObject([
    'generate',
    { prompts: ['Call me'], tokens: DEFAULTS_V1.evaluation.sampleTokens },
  ]);
});

it('obeys the keyboard, but not while a person types', async () => {
  const test = await renderPage();
  fireEvent.keyDown(screen.getByLabelText('Prompt'), { key: ' ' });
  fireEvent.keyDown(screen.getByLabelText('Prompt'), { key: '.' });
  expect(test.called()).toEqual(['probe']);
  fireEvent.keyDown(document.body, { key: ' ' });
  await waitFor(() => expect(test.called()).toContain('start'));
  fireEvent.keyDown(document.body, { key: ' ' });
  await waitFor(() => expect(test.called()).toContain('pause'));
  fireEvent.keyDown(document.body, { key: '.' });
  await waitFor(() => expect(test.called()).toContain('step'));
  fireEvent.keyDown(document.body, { key: 'r' });
  await waitFor(() => expect(test.called()).toContain('reset'));
  fireEvent.keyDown(document.body, { key: '?' });
  await screen.findByRole('dialog');
});

it('names every button and input', async () => {
  const test = await renderPage();
  await runTo(test, 3);
  for (const button of screen.getAllByRole('button')) {
    const name = button.getAttribute('aria-label') ?? button.textContent ?? '';
    expect(name.trim(), button.outerHTML).not.toBe('');
  }
  for (const input of document.querySelectorAll('input, select, textarea')) {
    const isLabelled =
      input.hasAttribute('aria-label') ||
      document.querySelector(`label[for="${input.id}"]`) !== null;
    expect(isLabelled, input.outerHTML).toBe(true);
  }
});

it('asks before many steps are thrown away, and keeps their curve', async () => {
  const test = await renderPage();
  await runTo(test, 60);
  await act(() => test.lab.commands.pause());
  fireEvent.click(screen.getByRole('button', { name: 'Reset to step 0' }));
  const dialog = await screen.findByRole('dialog');
  within(dialog).getByText(/60 steps/);
  expect(test.called()).not.toContain('reset');
  fireEvent.click(within(dialog).getByRole('button', { name: 'Reset' }));
  await waitFor(() => expect(test.called()).toContain('reset'));
  await waitFor(() => expect(test.lab.run.getState().previous?.length).toBe(60));
  await screen.findByText('previous run', { selector: '.legend span' });
  fireEvent.click(screen.getByRole('button', { name: 'previous run' }));
  await waitFor(() =>
    expect(screen.queryByText('previous run', { selector: '.legend span' })).toBeNull(),
  );
});

it('tells what it is and whose systems it holds', async () => {
  await renderPage();
  fireEvent.click(screen.getByRole('button', { name: 'About' }));
  const dialog = await screen.findByRole('dialog');
  for (const paper of ['MoDSE', 'MoE++', 'TC-MoE', 'LaDiMo', 'EqualRes']) {
    within(dialog).getByText(paper);
  }
});
