import { act, fireEvent, screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { coactivation, evenLift, independentOf } from '../../src/analysis/figures/coactivation.ts';
import { formatPercent } from '../../src/ui/kit/format.ts';
import { RAW_RUNS } from '../support/rawRuns.ts';
import { csvOf, expectColumn, rawInputs, tableOf } from './figureFiles.ts';
import { renderPage } from './render.tsx';

const TITLE = 'Co-activation';

async function openRun() {
  const test = await renderPage({ room: 'layers', experiment: RAW_RUNS['moepp-8+4'] });
  const panel = screen.getByRole('region', { name: TITLE });
  await act(() => test.lab.commands.start());
  await act(() => test.lab.commands.pause());
  const inputs = rawInputs('moepp-8+4');
  return { ...test, panel, inputs, layers: coactivation.compute(inputs, {}).layers };
}

it('shows P(j | i) with the part of any token, lift and counts as the figure has them', async () => {
  const { panel, inputs, layers } = await openRun();
  const { values } = layers[0]!;
  const R = 12;
  const title = 'P(j | i), layer 0';
  const rows = await csvOf(panel, title);
  expect(rows).toHaveLength(R + 1);
  const U = inputs.inspection.tokens.length;
  const independent = independentOf(values.both, U);
  for (let j = 0; j < R; j++) {
    const column = Array.from({ length: R }, (_, i) => values.conditional.data[i * R + j]!);
    expectColumn(rows, `with slot ${j}`, [...column, values.both.data[j * R + j]! / U]);
  }
  const [, first] = await tableOf(panel, title);
  expect(first?.slice(3)).toEqual([...values.conditional.data.subarray(0, R)].map(formatPercent));
  expect(independent.reduce((sum, part) => sum + part, 0)).toBeCloseTo(2, 9);

  const choose = (value: string) =>
    fireEvent.change(within(panel).getByLabelText('Value'), { target: { value } });
  choose('lift');
  const lifts = await csvOf(panel, 'Lift, layer 0');
  expectColumn(
    lifts,
    'with slot 3',
    Array.from({ length: R }, (_, i) => values.lift.data[i * R + 3]!),
  );
  const grid = within(panel).getByLabelText('Values of Lift, layer 0');
  fireEvent.focus(grid);
  fireEvent.keyDown(grid, { key: 'ArrowRight' });
  expect(within(grid).getByRole('gridcell').textContent).toContain(
    `independent 1.00×, equally likely sets ${((R * 1) / ((R - 1) * 2)).toFixed(2)}×`,
  );
  choose('both');
  fireEvent.change(within(panel).getByLabelText('Layer'), { target: { value: '1' } });
  const both = await csvOf(panel, 'Tokens of both, layer 1');
  const wanted = layers[1]!.values.both.data;
  expect(both.flatMap((row) => Object.values(row).slice(3).map(Number))).toEqual([...wanted]);
});

it('knows no even lift where tokens keep unlike numbers of slots', () => {
  expect(evenLift(4, 20, 10)).toBeCloseTo(4 / 6, 12);
  expect(evenLift(4, 10, 10)).toBe(0);
  expect(evenLift(4, 15, 10)).toBeNaN();
  expect(evenLift(1, 10, 10)).toBeNaN();
  expect(evenLift(4, 0, 10)).toBeNaN();
});
