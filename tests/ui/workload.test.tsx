import { act, fireEvent, screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { slotCounts } from '../../src/analysis/figures/assignments.ts';
import { drops } from '../../src/analysis/figures/drops.ts';
import { evenWidth, workload } from '../../src/analysis/figures/workload.ts';
import { capacityPlaces } from '../../src/reference/dispatch.ts';
import { RAW_RUNS, type RawRun } from '../support/rawRuns.ts';
import { csvOf, expectColumn, rawInputs, tableOf } from './figureFiles.ts';
import { renderPage } from './render.tsx';

const TITLE = 'Work per token';

async function openRun(run: RawRun) {
  const experiment = RAW_RUNS[run];
  const test = await renderPage({ room: 'layers', experiment });
  const panel = screen.getByRole('region', { name: TITLE });
  await act(() => test.lab.commands.start());
  await act(() => test.lab.commands.pause());
  const inputs = rawInputs(run);
  const choose = (label: string, value: string) =>
    fireEvent.change(within(panel).getByLabelText(label), { target: { value } });
  return { ...test, experiment, panel, inputs, choose };
}

it('shows widths of the chosen experts of every layer and of all, with the printed ones', async () => {
  const { panel, inputs, choose } = await openRun('modse-pairs');
  const { values, layers } = workload.compute(inputs, {});
  const title = 'Width per assignment by layer';
  const rows = await csvOf(panel, title);
  for (const [name, column] of [
    ['widthMean', 'Width per assignment'],
    ['widthPerToken', 'Width per token'],
    ['computingMean', 'Computing experts per token'],
  ] as const)
    expectColumn(rows, column, [...layers.map((one) => one.values[name]), values[name]]);
  const even = inputs.inspection.layers.map(({ hidden }) => evenWidth(hidden));
  expectColumn(rows, 'Width at equal loads', [...even, Number.NaN]);
  const [, first] = await tableOf(panel, title);
  expect(first?.[1]).toBe(String(Number(layers[0]!.values.widthMean.toPrecision(4))));
  expect(within(panel).getByText(/4045 against 3840/)).toBeTruthy();
  expect(within(panel).getByText('This model has no capacity: nothing is dropped.')).toBeTruthy();
  choose('Work', 'computingMean');
  expect(
    within(panel).getByText('Computing experts per token by layer', { selector: 'h3' }),
  ).toBeTruthy();
});

it('counts tokens by computing experts, kept ones only', async () => {
  const { panel, inputs } = await openRun('moepp-drops');
  const { values, layers } = workload.compute(inputs, {});
  const rows = await csvOf(panel, 'Tokens by computing experts');
  for (const experts of [0, 1, 2])
    expectColumn(rows, `${experts} computing`, [
      ...layers.map((one) => one.values.histogram.data[experts]!),
      values.histogram.data[experts]!,
    ]);
  expectColumn(rows, 'mean', [
    ...layers.map((one) => one.values.computingMean),
    values.computingMean,
  ]);
});

it('shows drops by slot against its places, by position and by sequence', async () => {
  const { panel, inputs, choose, experiment } = await openRun('moepp-drops');
  const { inspection } = inputs;
  const { layers } = drops.compute(inputs, {});
  await within(panel).findByLabelText('Layer');
  choose('Layer', '1');
  const { values } = layers[1]!;
  expect(values.dropped).toBeGreaterThan(0);
  const rows = await csvOf(panel, 'Dropped and kept by slot, layer 1');
  expectColumn(rows, 'dropped', values.bySlot);
  expectColumn(rows, 'rate', values.slotRate);
  expectColumn(rows, 'assignments', [...slotCounts(inspection.layers[1]!)]);
  const A = 2 * inspection.B * inspection.S;
  const { capacity, tau } = experiment.router;
  const places = capacityPlaces(experiment.experts.slots, A, { gamma: capacity ?? 0, tau });
  expectColumn(
    rows,
    'places',
    places.map((one) => inspection.n * one),
  );
  choose('Drops', 'position');
  const positions = await csvOf(panel, 'Drop rate by position, layer 1');
  expectColumn(positions, 'dropped', values.byPosition);
  expectColumn(positions, 'rate', values.positionRate);
  choose('Drops', 'sequence');
  const sequences = await csvOf(panel, 'Drop rate by sequence, layer 1');
  expectColumn(sequences, 'dropped', values.bySequence);
  expectColumn(sequences, 'rate', values.sequenceRate);
});

it('says where evaluation drops nothing', async () => {
  const { panel } = await openRun('moepp-8+4');
  expect(await within(panel).findByText(/Evaluation drops nothing/)).toBeTruthy();
});
