import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import type { Sweep } from '../../src/recipes/sweep.ts';
import { decodePlan } from '../../src/state/papers/sweepPlan.ts';
import { fakeSweep } from '../support/fakeSweep.ts';
import { createFakeQueue, queueItem } from './fakeQueue.ts';
import { csvOf, expectColumn, tableOf } from './figureFiles.ts';
import { renderView } from './renderView.tsx';

const TITLE = 'Sweeps';
const K = [1, 2, 4];
const RATES = [1e-3, 3e-3];
const SEEDS = [1, 2, 3];
const LOSS = (k: number, lr: number, seed: number) => 3 - 0.2 * k + 100 * lr + 0.01 * seed;

const RESULT = fakeSweep({
  base: DEFAULTS_V1,
  axes: [
    { path: 'router.K', values: K },
    { path: 'optimizer.lr', values: RATES },
  ],
  seeds: SEEDS,
  loss: ([k, lr], seed) => LOSS(Number(k), Number(lr), seed),
});

async function opened(hasResult = true) {
  const queue = createFakeQueue();
  if (hasResult) {
    const request = { kind: 'sweep', sweep: RESULT.sweep } as const;
    queue.now = {
      ...queue.now,
      items: [queueItem({ id: 's', title: 'K and lr', state: 'done', done: 18, of: 18, request })],
    };
    queue.sweeps.set('s', RESULT);
  }
  const test = await renderView('sweeps', { queue });
  const panel = screen.getByRole('region', { name: TITLE });
  return { ...test, queue, panel, in: within(panel) };
}

const means = K.flatMap((k) => RATES.map((lr) => LOSS(k, lr, 2)));

it('draws a metric against a setting, with every number in its table', async () => {
  const { panel, in: shown } = await opened();
  await shown.findByText(/^K and lr: 18 runs$/);
  const rows = await csvOf(panel, 'validation loss, nats against Slots per token K');
  expectColumn(rows, 'validation loss, nats', means);
  expectColumn(
    rows,
    'validation loss, nats: deviation',
    means.map(() => 0.01),
  );
  expect(rows.map((row) => row['Slots per token K'])).toEqual(['1', '1', '2', '2', '4', '4']);
  // What is whole has no ticks between.
  const [drawing] = panel.querySelectorAll('svg.figure-drawing');
  const ticks = [...(drawing?.querySelectorAll('text.figure-tick') ?? [])];
  const texts = ticks.map(({ textContent }) => textContent);
  expect(texts).toEqual(expect.arrayContaining(['1', '2', '3', '4']));
  expect(texts).not.toContain('1.5');
  expect(rows.map(({ seeds }) => seeds)).toEqual(K.flatMap(() => ['3', '3']));
  fireEvent.change(shown.getByLabelText('Metric'), { target: { value: 'computing' } });
  fireEvent.change(shown.getByLabelText('Against'), { target: { value: 'Na' } });
  await shown.findByText('computing experts per token against active parameters Na');
});

it('draws the front of loss against active and realised FLOPs', async () => {
  const { panel, in: shown } = await opened();
  const title = 'Loss against FLOPs: Pareto front';
  await shown.findByText(title);
  const [, ...rows] = await tableOf(panel, title);
  // The lower rate beats the higher at every K; more slots cost more.
  expect(rows.map((row) => row.at(-1))).toEqual(['yes', 'no', 'yes', 'no', 'yes', 'no']);
  const active = (await csvOf(panel, title)).map((row) => Number(row['active FLOPs of all steps']));
  fireEvent.change(shown.getByLabelText('FLOPs'), { target: { value: 'realised' } });
  await waitFor(async () => {
    const realised = await csvOf(panel, title);
    expectColumn(
      realised,
      'realised FLOPs of all steps',
      active.map((flops) => flops * 0.8),
    );
  });
});

it('is made of any settings, told in runs and time, and queued with one press', async () => {
  const { queue, lab, in: shown } = await opened(false);
  shown.getByText(/No sweep has results yet/);
  const start = shown.getByRole('button', { name: 'Start' });
  expect(start).toHaveProperty('disabled', true);
  const vary = (path: string) =>
    fireEvent.change(shown.getByLabelText('Setting to vary'), { target: { value: path } });
  vary('router.K');
  fireEvent.change(shown.getByLabelText('Slots per token K: values'), {
    target: { value: '1 2 x' },
  });
  expect(shown.getByRole('alert').textContent).toMatch(/Slots per token.*x/);
  fireEvent.change(shown.getByLabelText('Slots per token K: values'), { target: { value: '1 2' } });
  vary('router.gate');
  expect(shown.getAllByRole('checkbox').length).toBeGreaterThan(1);
  fireEvent.click(shown.getByRole('button', { name: /^Do not vary (?!Slots)/ }));
  fireEvent.change(shown.getByLabelText('Seeds'), { target: { value: '1-3' } });
  await shown.findByText(/^6 runs, about 2 min 00 s on this adapter; the longest 25 s$/);
  expect(decodePlan(String(lab.view.getState().own.sweeps?.plan))?.axes).toHaveLength(1);
  fireEvent.click(start);
  await waitFor(() => expect(queue.calls).toHaveLength(1));
  const [, request] = queue.calls[0]!;
  const { sweep } = request as { sweep: Sweep };
  expect(sweep).toMatchObject({
    axes: [{ path: 'router.K', values: [1, 2] }],
    seeds: [1, 2, 3],
    budget: { of: 'steps', amount: 300 },
  });
  expect(sweep.base).toEqual(lab.config.getState().experiment);
});

it('does not start what the accounting or the adapter refuses', async () => {
  const { queue, in: shown } = await opened(false);
  const refusal = 'The largest run needs 9.0 GiB; this adapter has 2.0 GiB.';
  queue.estimated = () => ({ runs: 1, seconds: 1, longestRun: 1, refusal });
  fireEvent.change(shown.getByLabelText('Setting to vary'), { target: { value: 'router.K' } });
  await shown.findByText(new RegExp(refusal));
  expect(shown.getByRole('button', { name: 'Start' })).toHaveProperty('disabled', true);
});

it('says what keeps a sweep from being started', async () => {
  const { in: shown } = await opened(false);
  const status = shown.getByRole('status');
  expect(status.textContent).toBe('Choose a setting to vary.');
  fireEvent.change(shown.getByLabelText('Setting to vary'), { target: { value: 'router.K' } });
  fireEvent.change(shown.getByLabelText('Seeds'), { target: { value: '1 1' } });
  expect(status.textContent).toBe('Seed 1 stands twice');
  fireEvent.change(shown.getByLabelText('Slots per token K: values'), { target: { value: '' } });
  expect(status.textContent).toMatch(/^Slots per token: name at least one value$/);
});
