import { expect, it } from 'vitest';
import { LoadHistory, MAX_BINS, stepsOf } from '../../src/analysis/loadHistory.ts';
import { type LayerLoads, type LayerSpace, layerLoads } from '../../src/config/telemetry.ts';

const SPACE: LayerSpace = {
  layer: 0,
  slots: 2,
  ranks: 2,
  kinds: ['ffn', 'ffn'],
  hidden: [8, 8],
};

/** One step of a layer with 2 slots, 2 ranks and 2 domains: `a` of 8 assignments go to slot 0. */
function step(a: number): LayerLoads {
  return {
    ...layerLoads({ layer: 0, R: 2, W: 2 }, 1, 2),
    assignments: Uint32Array.of(a, 4 - a + 0, 0, 4),
    drops: Uint32Array.of(1, 0),
    meanProb: Float32Array.of(0.25, 0.75),
    meanGate: Float32Array.of(a / 8, 0.5),
    domains: Uint32Array.of(a, 0, 4 - a, 4),
  };
}

it('sums ranks into assignments per slot', () => {
  const history = new LoadHistory(SPACE);
  history.append(step(3), 1, 1);
  expect(Array.from(history.latest?.counts ?? [])).toEqual([3, 5]);
});

it('stays within its bins and keeps totals, extremes and means over a long run', () => {
  const history = new LoadHistory(SPACE);
  const steps = MAX_BINS * 4 + 7;
  let total = 0;
  for (let s = 1; s <= steps; s++) {
    const a = s === 700 ? 0 : s === 701 ? 4 : 2;
    total += a;
    history.append(step(a), s, 1);
  }
  expect(history.bins.length).toBeLessThanOrEqual(MAX_BINS);
  expect(history.bins.reduce((sum, bin) => sum + (bin.counts[0] ?? 0), 0)).toBe(total);
  expect(history.bins.reduce((sum, bin) => sum + stepsOf(bin), 0)).toBe(steps);
  expect(Math.min(...history.bins.map((bin) => bin.least[0] ?? 9))).toBe(0);
  expect(Math.max(...history.bins.map((bin) => bin.most[0] ?? 0))).toBe(4);
  for (const bin of history.bins) expect(bin.meanProb[1]).toBeCloseTo(0.75, 12);
});

it('weights mean routing weights by the tokens that they average over', () => {
  const history = new LoadHistory(SPACE);
  const pair: LayerLoads = {
    ...step(0),
    assignments: Uint32Array.of(1, 3, 0, 4, 3, 1, 0, 4),
    drops: new Uint32Array(4),
    meanProb: new Float32Array(4),
    meanGate: Float32Array.of(1, 0, 0.5, 0),
    domains: new Uint32Array(8),
  };
  history.append(pair, 1, 2);
  expect(history.latest?.meanGate[0]).toBeCloseTo((1 * 1 + 3 * 0.5) / 4, 12);
});

it('finds the bin of a step, the nearest one outside', () => {
  const history = new LoadHistory(SPACE);
  expect(history.binAt(1)).toBeNull();
  for (let s = 11; s <= 20; s++) history.append(step(2), s, 1);
  expect(history.binAt(15)?.firstStep).toBe(15);
  expect(history.binAt(1)?.firstStep).toBe(11);
  expect(history.binAt(99)?.lastStep).toBe(20);
});

it('keeps the loads of different expert spaces apart', () => {
  const history = new LoadHistory(SPACE);
  const steps = MAX_BINS * 2 + 3;
  for (let s = 1; s <= steps; s++) history.append(step(2), s, 1);
  const wider: LayerSpace = {
    ...SPACE,
    slots: 3,
    kinds: ['ffn', 'ffn', 'zero'],
    hidden: [8, 8, 0],
  };
  history.begin(wider);
  expect(history.latest).toBeNull();
  expect(() => history.append(step(2), steps + 1, 1)).toThrow('loads of 2 slots for a space of 3');
  const three: LayerLoads = {
    ...step(2),
    R: 3,
    assignments: Uint32Array.of(1, 2, 1, 2, 2, 0),
    drops: new Uint32Array(3),
    meanProb: new Float32Array(3),
    meanGate: new Float32Array(3),
    domains: new Uint32Array(6),
  };
  for (let s = steps + 1; s <= 3 * steps; s++) history.append(three, s, 1);
  expect(history.bins.length).toBeLessThanOrEqual(MAX_BINS);
  expect(history.bins.reduce((sum, bin) => sum + stepsOf(bin), 0)).toBe(3 * steps);
  expect(history.binAt(steps)).toMatchObject({ lastStep: steps, space: SPACE });
  expect(history.binAt(steps + 1)).toMatchObject({ firstStep: steps + 1, space: wider });
  for (const bin of history.bins) expect(bin.counts).toHaveLength(bin.space.slots);
});
