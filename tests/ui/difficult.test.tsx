import { act, fireEvent, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { difficult } from '../../src/analysis/figures/difficult.ts';
import type { FigureInputs } from '../../src/analysis/figures/figure.ts';
import { formatValue } from '../../src/ui/kit/figure/formats.ts';
import { rawRun } from '../support/rawPass.ts';
import { RAW_RUNS } from '../support/rawRuns.ts';
import { besideInputs, openView } from './besideRun.ts';
import { csvOf, expectColumn, tableOf } from './figureFiles.ts';

const TITLE = 'Difficult tokens (MoDSE)';
const QUANTILES = [0.5, 0.75, 0.9, 0.95, 0.99];
const PAPER = [1.05, 1.2, 1.4, 1.6, 1.8, 2];

async function opened() {
  const test = await openView(TITLE, RAW_RUNS['modse-pairs'], RAW_RUNS['modse-uniform']);
  await test.start();
  return test;
}

/** Compares the tables of losses and sums with the figure's values. */
async function expectLosses(panel: HTMLElement, inputs: FigureInputs, args: object) {
  const { values } = difficult.compute(inputs, args as { quantiles: number[] });
  const losses = await csvOf(panel, 'Reduction of the loss by threshold');
  expectColumn(losses, 'threshold', values.thresholds);
  expectColumn(losses, 'tokens', values.count);
  expectColumn(losses, 'baseline’s loss', values.baselineCe);
  expectColumn(losses, 'loss here', values.ce);
  expectColumn(losses, 'reduction', values.reduction);
  return values;
}

it('asks for a baseline, and shows what the paper prints meanwhile', async () => {
  const { panel } = await opened();
  await within(panel).findByText('Choose a run to compare with: it is the baseline.');
  const printed = within(panel).getByRole('group', { name: 'MoDSE, Table 6, as printed' });
  expect(within(printed).getByText('10473')).toBeTruthy();
});

it('shows the numbers that the figure has of the same passes, and swaps the roles', async () => {
  const { trainer, panel, putBeside } = await opened();
  await putBeside();
  const inputs = await besideInputs(trainer, 4);
  const values = await expectLosses(panel, inputs, { quantiles: QUANTILES });
  const [, ...shown] = await tableOf(panel, 'Reduction of the loss by threshold');
  expect(shown.map((row) => row[5])).toEqual(
    [...values.reduction.data].map((value) => formatValue(value, 'nats')),
  );

  fireEvent.click(within(panel).getByRole('button', { name: 'Swap roles' }));
  const swapped = { inspection: inputs.baseline!, baseline: inputs.inspection };
  await waitFor(() => within(panel).getByText(/^Uniform; baseline: This run$/));
  const other = await expectLosses(panel, swapped, { quantiles: QUANTILES });
  expect(other.reduction.data).not.toEqual(values.reduction.data);
});

it('takes thresholds in nats, the paper’s beside them', async () => {
  const { lab, trainer, panel, putBeside } = await opened();
  await putBeside();
  act(() => lab.view.getState().setOwn('difficult', { by: 'nats' }));
  await expectLosses(panel, await besideInputs(trainer, 4), { thresholds: PAPER });
  const rows = await csvOf(panel, 'Loss on difficult tokens');
  expectColumn(rows, 'reduction, MoDSE Table 5', [0.18, 0.22, 0.32, 0.36, 0.46, 0.58]);
  const numbers = within(panel).getByLabelText('Thresholds in nats');
  fireEvent.change(numbers, { target: { value: '2 1.5, x' } });
  expect(numbers.getAttribute('aria-invalid')).toBe('true');
  fireEvent.change(numbers, { target: { value: '2 1.5' } });
  fireEvent.keyDown(numbers, { key: 'Enter' });
  expect(lab.view.getState().own.difficult).toMatchObject({ nats: [1.5, 2] });
});

it('counts the routing of difficult tokens by layer and slot, and by width', async () => {
  const { lab, trainer, panel, putBeside } = await opened();
  await putBeside();
  act(() => lab.view.getState().setOwn('difficult', { at: 1, rank: 'all' }));
  const { values, layers } = difficult.compute(await besideInputs(trainer, 4), {
    quantiles: QUANTILES,
  });
  const routing = await csvOf(panel, 'Routing of difficult tokens, at all ranks');
  const second = (name: 'rank0' | 'all') =>
    layers.flatMap((layer) => [...layer.values[name].data.slice(8, 16)]);
  expectColumn(routing, 'rank 0', second('rank0'));
  expectColumn(routing, 'all ranks', second('all'));
  expectColumn(
    routing,
    'width',
    layers.flatMap(() => rawRun('modse-pairs').inspection.layers[0]!.hidden),
  );
  const sums = await csvOf(panel, 'Difficult tokens by width of the expert, at all ranks');
  expectColumn(sums, 'wider, rank 0', values.widerRank0);
  expectColumn(sums, 'narrower, rank 0', values.narrowerRank0);
  expectColumn(sums, 'wider, all ranks', values.widerAll);
  expectColumn(sums, 'narrower, all ranks', values.narrowerAll);
  expect(values.widerAll.data[0]).toBeGreaterThan(0);
});
