import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { deciles } from '../../src/analysis/figures/deciles.ts';
import { load } from '../../src/analysis/figures/load.ts';
import { extremesOf } from '../../src/analysis/slotLoads.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { formatRatio } from '../../src/ui/kit/format.ts';
import { barsSentence } from '../../src/ui/views/experts/counted.ts';
import { RAW_RUNS } from '../support/rawRuns.ts';
import { csvOf, expectColumn, rawInputs, tableOf } from './figureFiles.ts';
import { renderPage } from './render.tsx';

const TITLE = 'Experts by layer';

const UNEQUAL = RAW_RUNS['moepp-unequal'];

async function openView(experiment: Experiment = UNEQUAL) {
  const test = await renderPage({ room: 'layers', experiment });
  const panel = screen.getByRole('region', { name: TITLE });
  const choose = (label: string, value: string) =>
    fireEvent.change(within(panel).getByLabelText(label), { target: { value } });
  return { ...test, panel, choose };
}

async function openRun() {
  const test = await openView();
  await act(() => test.lab.commands.start());
  await act(() => test.lab.commands.pause());
  const inputs = rawInputs('moepp-unequal');
  return { ...test, inputs };
}

it('says what to do before a run is open', async () => {
  const { panel } = await openView();
  expect(within(panel).getByText('No run is open: press Start.')).toBeTruthy();
});

it('says that a dense model has no experts', async () => {
  const { panel, lab } = await openView({
    ...UNEQUAL,
    model: { ...UNEQUAL.model, arrangement: 'dense' },
    experts: { ...UNEQUAL.experts, perLayer: {} },
  });
  await act(() => lab.commands.start());
  expect(await within(panel).findByText('This model has no MoE layer.')).toBeTruthy();
});

it('shows every quantity of every slot as the figures have it, dense layers named', async () => {
  const { panel, inputs } = await openRun();
  const { layers } = load.compute(inputs, { weights: 'uniform' });
  const hard = deciles.compute(inputs, {}).layers;
  const title = 'Load / ideal by layer and slot, all ranks';
  const [dense, ...rows] = await csvOf(panel, title);
  expect(dense).toMatchObject({ layer: '0', slot: '', expert: 'dense', Tokens: '' });
  expect(rows.map(({ layer }) => layer)).toEqual(
    layers.flatMap(({ layer, values }) => Array(values.total.data.length).fill(String(layer))),
  );
  const all = (name: 'total' | 'share' | 'ratio' | 'gateMass' | 'gateMean') =>
    layers.flatMap(({ values }) => [...values[name].data]);
  expectColumn(rows, 'Tokens', all('total'));
  expectColumn(rows, 'Share', all('share'));
  expectColumn(rows, 'Load / ideal', all('ratio'));
  expectColumn(rows, 'Routing weight, sum', all('gateMass'));
  expectColumn(rows, 'Mean routing weight', all('gateMean'));
  const hardest = hard.flatMap(({ values }, at) => {
    const total = layers[at]!.values.total.data;
    return [...total].map((c, i) => values.counts.data[9 * total.length + i]! / c);
  });
  expectColumn(rows, 'Hardest decile', hardest);
  const [, , ...shown] = await tableOf(panel, title);
  expect(shown.map((row) => row[5])).toEqual(all('ratio').map(formatRatio));
  expect(shown.map((row) => row[3])).toEqual(all('total').map((n) => n.toLocaleString('en')));
});

it('weighs by τ and tells ranks apart', async () => {
  const { panel, inputs, choose } = await openRun();
  choose('Ideal loads', 'tau');
  const { layers } = load.compute(inputs, { weights: 'tau' });
  const all = await csvOf(panel, 'Load / ideal by layer and slot, all ranks');
  const ratios = layers.flatMap(({ values }) => [...values.ratio.data]);
  expectColumn(all.slice(1), 'Load / ideal', ratios);
  choose('Rank', '1');
  const rows = await csvOf(panel, 'Load / ideal by layer and slot, rank 1');
  const U = inputs.inspection.tokens.length;
  const counts = layers.map(({ values }) => {
    const [, R = 0] = values.counts.shape;
    return [...values.counts.data.subarray(R, 2 * R)];
  });
  expectColumn(rows.slice(1), 'Tokens, rank 1', counts.flat());
  expectColumn(
    rows.slice(1),
    'Share, rank 1',
    counts.flat().map((n) => n / U),
  );
  const weights = inputs.inspection.layers.map(({ kinds }) =>
    kinds.map((kind): number => (kind === 'ffn' ? 0.75 : 1)),
  );
  const ideal = weights.map((w) => w.map((one) => one / w.reduce((a, b) => a + b)));
  expectColumn(
    rows.slice(1),
    'Load / ideal, rank 1',
    counts.flatMap((row, l) => row.map((n, i) => n / (U * ideal[l]![i]!))),
  );
  choose('Quantity', 'gateMean');
  expect(within(panel).getByText('Mean routing weight is of all ranks.')).toBeTruthy();
});

it('lists max, min and max/min per layer and rank, with the counts', async () => {
  const { panel, inputs, choose, lab } = await openRun();
  const { layers } = load.compute(inputs, { weights: 'uniform' });
  const wanted = layers.flatMap(({ values }) => {
    const [W = 0, R = 0] = values.counts.shape;
    const ranks = Array.from({ length: W }, (_, w) =>
      values.counts.data.subarray(w * R, w * R + R),
    );
    return [...ranks, values.total.data];
  });
  const rows = await csvOf(panel, 'Max/min per layer and rank');
  const most = wanted.map((counts) => Math.max(...counts));
  const least = wanted.map((counts) => Math.min(...counts));
  expectColumn(rows, 'max', most);
  expectColumn(rows, 'min', least);
  expectColumn(
    rows,
    'slot of max',
    wanted.map((counts, i) => counts.indexOf(most[i]!)),
  );
  expectColumn(
    rows,
    'slot of min',
    wanted.map((counts, i) => counts.indexOf(least[i]!)),
  );
  expectColumn(
    rows,
    'max/min',
    most.map((n, i) => (least[i] === 0 ? Number.NaN : n / least[i]!)),
  );
  choose('Layer', '3');
  expect(lab.view.getState().layer).toBe(3);
  const bars = await csvOf(panel, 'Tokens per expert, layer 3, all ranks');
  expect(bars).toHaveLength(3);
  const { total } = layers[2]!.values;
  expect(Object.values(bars[2]!).slice(7).map(Number)).toEqual([...total.data]);
});

it('tells how even layers are, and their quantiles', async () => {
  const { panel, inputs, choose } = await openRun();
  const { layers, values } = load.compute(inputs, { weights: 'uniform' });
  const rows = await csvOf(panel, 'Max violation by layer');
  const own = rows.slice(0, layers.length);
  for (const [title, name] of [
    ['Max violation', 'maxVio'],
    ['Min violation', 'minVio'],
    ['Coefficient of variation', 'cv'],
    ['Entropy', 'entropy'],
    ['Effective slots', 'effective'],
    ['Dead slots', 'dead'],
  ] as const)
    expectColumn(
      own,
      title,
      layers.map((one) => one.values[name]),
    );
  expectColumn(rows.slice(layers.length), 'Max violation', values.maxVioQuantiles);
  choose('Balance', 'effective');
  expect(await within(panel).findByText('Effective slots by layer')).toBeTruthy();
});

it('shows what MoDSE prints beside it', async () => {
  const { panel, choose } = await openView();
  choose('Printed counts', 'modse');
  choose('Epoch', '2');
  await waitFor(() => within(panel).getByText('printed: MoDSE, Table 8'));
  const rows = await csvOf(panel, 'MoDSE: Max/min per layer and rank');
  expect(rows).toHaveLength(8 * 3);
  const [first] = rows;
  expect(first).toMatchObject({ layer: '0', rank: 'rank 0', max: '44104732', min: '14628973' });
  expect(first).toMatchObject({ 'slot of max': '7', 'slot of min': '1', '0: E0 4.5D': '16663346' });
  expect(Number(first?.['max/min'])).toBeCloseTo(44104732 / 14628973, 12);
});

it('says so where a layer has not the rank that is shown', () => {
  const load = {
    counts: { shape: [2, 2], data: Int32Array.of(8, 0, 3, 5) },
    total: { shape: [2], data: Int32Array.of(11, 5) },
  };
  const layer = { layer: 1, W: 2, slots: [], load };
  expect(barsSentence(layer, 2)).toBe('Layer 1 has no rank 2.');
  expect(barsSentence(layer, 1)).toMatch(
    /^Most: slot 1 with 5; least: slot 0 with 3; max\/min 1.67/,
  );
  expect(barsSentence(layer, null)).toMatch(/^Most: slot 0 with 11/);
});

it('leaves undefined what divides by nothing', () => {
  expect(extremesOf([])).toEqual({
    max: Number.NaN,
    min: Number.NaN,
    most: -1,
    least: -1,
    maxMin: Number.NaN,
  });
  expect(extremesOf([2, 0, 2, 0])).toEqual({
    max: 2,
    min: 0,
    most: 0,
    least: 1,
    maxMin: Number.NaN,
  });
});
