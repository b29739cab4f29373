import { act, fireEvent, screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { flow } from '../../src/analysis/figures/flow.ts';
import { flowLayout } from '../../src/ui/views/flow/layout.ts';
import { flowSteps } from '../../src/ui/views/flow/steps.ts';
import { RAW_RUNS, type RawRun } from '../support/rawRuns.ts';
import { csvOf, rawInputs, tableOf } from './figureFiles.ts';
import { renderPage } from './render.tsx';

const TITLE = 'Flow between layers';
const RIBBONS = 'Flow of first choices from layer to layer';

async function openRun(run: RawRun) {
  const test = await renderPage({ room: 'layers', experiment: RAW_RUNS[run] });
  const panel = screen.getByRole('region', { name: TITLE });
  await act(() => test.lab.commands.start());
  await act(() => test.lab.commands.pause());
  const inputs = rawInputs(run);
  return { ...test, panel, inputs, result: flow.compute(inputs, {}) };
}

it('draws ribbons between all MoE layers, with the figure’s counts behind them', async () => {
  const { panel, result } = await openRun('moepp-unequal');
  const rows = await csvOf(panel, RIBBONS);
  expect(rows.map((row) => `${row.layer} ${row.slot} ${row['next layer']}`).slice(11, 13)).toEqual([
    '1 11 2',
    '2 0 3',
  ]);
  const counts = rows.flatMap((row) =>
    Array.from({ length: 12 }, (_, j) => row[`to slot ${j}`])
      .filter((cell) => cell)
      .map(Number),
  );
  expect(counts).toEqual(result.layers.flatMap(({ values }) => [...values.counts.data]));
  const [, ...shown] = await tableOf(panel, RIBBONS);
  const cells = shown.flatMap((row) => row.slice(4)).filter((cell) => cell !== '–');
  expect(cells.map(Number)).toEqual(counts);
});

it('tells of a slot where its tokens go, by keyboard', async () => {
  const { panel, result } = await openRun('moepp-8+4');
  const grid = await within(panel).findByLabelText(new RegExp(`^Values of ${RIBBONS}`));
  fireEvent.focus(grid);
  fireEvent.keyDown(grid, { key: 'ArrowDown' });
  const data = result.layers[0]?.values.counts.data ?? [];
  const onward = Array.from(data).slice(12, 24);
  const tokens = onward.reduce((sum, n) => sum + n, 0);
  const cell = within(grid).getByRole('gridcell');
  expect(cell.textContent).toContain('layer 0, slot 1');
  expect(cell.textContent).toContain(`first choice of ${tokens} tokens`);
  expect(cell.textContent).toContain(`${Math.max(...onward)} (`);
  const faint = () => panel.querySelectorAll('.flow-ribbon[stroke-opacity="0.08"]').length;
  expect(faint()).toBe(0);
  fireEvent.keyDown(grid, { key: 'Enter' });
  expect(faint()).toBeGreaterThan(0);
});

it('shows a matrix above 16 slots, and of the last pair where the last layer is chosen', async () => {
  const { panel, lab, result } = await openRun('tcmoe');
  expect(await within(panel).findByText(/above 16 a matrix/)).toBeTruthy();
  act(() => lab.view.getState().set({ layer: 3 }));
  const rows = await csvOf(panel, 'Flow from layer 2 to layer 3');
  const counts = rows.flatMap((row) => Object.values(row).slice(4).map(Number));
  expect(counts).toEqual([...(result.layers[2]?.values.counts.data ?? [])]);
});

it('keeps slots in their order, dead ones too, and layers of unlike size', async () => {
  const layer = (R: number) => ({
    ...{ layer: R, kinds: Array(R).fill('ffn'), hidden: Array(R).fill(8), W: 1 },
    experts: Array.from({ length: R }, (_, i) => i),
  });
  const look = { layers: [layer(3), layer(2)] } as never;
  const counts = { shape: [3, 2], data: Int32Array.of(1, 4, 0, 0, 2, 1) };
  const steps = flowSteps({ values: {}, layers: [{ layer: 3, values: { counts } }] } as never);
  const area = { left: 0, top: 0, right: 100, bottom: 90 };
  const { boxes, ribbons } = flowLayout(look, steps, area);
  expect(boxes.map(({ column, slot, tokens }) => [column, slot, tokens])).toEqual([
    [0, 0, 5],
    [0, 1, 0],
    [0, 2, 3],
    [1, 0, 3],
    [1, 1, 5],
  ]);
  const tops = boxes.slice(0, 3).map(({ y }) => y);
  expect(tops).toEqual([...tops].sort((a, b) => a - b));
  expect(new Set(boxes.map(({ x }) => x)).size).toBe(2);
  expect(ribbons.map(({ tokens }) => tokens)).toEqual([1, 4, 2, 1]);
  const unit = (boxes[0]?.height ?? 0) / 5;
  for (const { tokens, width } of ribbons) expect(width).toBeCloseTo(tokens * unit, 9);
});
