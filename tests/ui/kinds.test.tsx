import { act, fireEvent, screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { equalPair, kinds } from '../../src/analysis/figures/kinds.ts';
import { formatPercent } from '../../src/ui/kit/format.ts';
import { RAW_RUNS, type RawRun } from '../support/rawRuns.ts';
import { csvOf, expectColumn, rawInputs, tableOf } from './figureFiles.ts';
import { renderPage } from './render.tsx';

const TITLE = 'Activated ratio by kind';

async function openRun(run: RawRun) {
  const test = await renderPage({ room: 'layers', experiment: RAW_RUNS[run] });
  const panel = screen.getByRole('region', { name: TITLE });
  await act(() => test.lab.commands.start());
  await act(() => test.lab.commands.pause());
  return { ...test, panel, result: kinds.compute(rawInputs(run), {}) };
}

it('shows every kind of every layer and of all, as shares and per token', async () => {
  const { panel, result } = await openRun('tcmoe');
  const title = 'Share of every kind by layer';
  const rows = await csvOf(panel, title);
  for (const [at, label] of ['E+ (FFN expert)', 'E− (negated expert)', 'E0 (zero)'].entries()) {
    const layers = result.layers.map(({ values }) => values.ratio.data[at]!);
    expectColumn(rows, `${label}, share`, [...layers, result.values.ratio.data[at]!]);
    expectColumn(rows, `${label}, per token`, [
      ...result.layers.map(({ values }) => values.perToken.data[at]!),
      Number.NaN,
    ]);
  }
  expect(Object.keys(rows[0] ?? {})).toHaveLength(1 + 2 * 3);
  const [, first] = await tableOf(panel, title);
  expect(first?.[1]).toBe(formatPercent(result.layers[0]!.values.ratio.data[0]!));
  fireEvent.change(within(panel).getByLabelText('Counted'), { target: { value: 'perToken' } });
  expect(
    within(panel).getByText('Slots of every kind per token by layer', { selector: 'h3' }),
  ).toBeTruthy();
});

it('stacks E and −E of every expert, with zero in a place of its own', async () => {
  const { panel, result } = await openRun('tcmoe');
  fireEvent.change(await within(panel).findByLabelText('Layer'), { target: { value: '2' } });
  const { pairs, ratio } = result.layers[2]!.values;
  const rows = await csvOf(panel, 'E and −E of every expert, layer 2');
  expect(rows.map(({ expert }) => expert).slice(-2)).toEqual(['E₇ 344', 'E0 (zero)']);
  const [plus, minus] = [0, 1].map((sign) => [...pairs.data].filter((_, i) => i % 2 === sign));
  expectColumn(rows, 'E+', [...plus!, Number.NaN]);
  expectColumn(rows, 'E−', [...minus!, Number.NaN]);
  expectColumn(rows, 'sum', [...plus!.map((part, i) => part + minus![i]!), ratio.data[2]!]);
  const sums = rows.slice(0, -1).reduce((total, row) => total + Number(row.sum), 0);
  expect(equalPair(pairs)).toBeCloseTo(sums / 8, 12);
  expect(sums + ratio.data[2]!).toBeCloseTo(1, 12);
});

it('gives copy and constant their places too, and no sign that the model does not have', async () => {
  const { panel } = await openRun('moepp-8+4');
  const rows = await csvOf(panel, 'Share of every expert, layer 0');
  expect(rows.slice(-3).map(({ expert }) => expert)).toEqual(['E0 (zero)', 'copy', 'constant']);
  const [head] = await tableOf(panel, 'Share of every kind by layer');
  expect(head?.filter((title) => title.includes('negated'))).toEqual([]);
});
