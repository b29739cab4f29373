import { expect, it } from 'vitest';
import { batchLine, maxVio, windowLine, windowLoads } from '../../src/analysis/balance.ts';
import { LoadHistory } from '../../src/analysis/loadHistory.ts';
import { type LayerSpace, layerLoads } from '../../src/config/telemetry.ts';

const space: LayerSpace = {
  layer: 1,
  slots: 2,
  ranks: 1,
  kinds: ['ffn', 'ffn'],
  hidden: [4, 4],
};

/** A history of so many steps of 8 assignments, of which slot 0 gets those given by step. */
function historyOf(first: readonly number[], of = space, history = new LoadHistory(of), at = 1) {
  first.forEach((count, i) => {
    const loads = layerLoads({ layer: 1, R: 2, W: 1 }, 1, 1);
    loads.assignments.set([count, 8 - count]);
    history.append(loads, at + i, 1);
  });
  return history;
}

it('is how far the busiest slot lies above an even load', () => {
  expect(maxVio([4, 4])).toBe(0);
  expect(maxVio([8, 0])).toBe(1);
  expect(maxVio([6, 2, 0, 0])).toBe(2);
});

it('tells batches from windows: what is uneven by turns is even together', () => {
  const history = historyOf([8, 0, 8, 0, 8, 8]);
  expect(Array.from(batchLine(history).values)).toEqual([1, 1, 1, 1, 1, 1]);
  expect(Array.from(windowLine(history, 2).values)).toEqual([1, 0, 0, 0, 0, 1]);
  expect(Array.from(windowLine(history, 4).values)).toEqual([1, 0, (16 * 2) / 24 - 1, 0, 0, 0.5]);
  expect(windowLine(history, 2).steps).toEqual([1, 2, 3, 4, 5, 6]);
  const loads = (steps: number) =>
    windowLoads(history, steps, 2).map(({ values }) => Array.from(values));
  expect(loads(1)).toEqual([
    [2, 0, 2, 0, 2, 2],
    [0, 2, 0, 2, 0, 0],
  ]);
  expect(loads(2)[0]).toEqual([2, 1, 1, 1, 1, 2]);
});

it('takes no steps together of which the slots are others', () => {
  const history = historyOf([8, 8]);
  const other = { ...space, hidden: [4, 5] };
  history.begin(other);
  historyOf([0, 8], other, history, 3);
  expect(Array.from(windowLine(history, 16).values)).toEqual([1, 1, 1, 0]);
});

it('has the most uneven batch of the steps that a bin stands for', () => {
  const history = historyOf(Array.from({ length: 600 }, (_, i) => (i % 300 === 0 ? 6 : 4)));
  expect(history.stride).toBeGreaterThan(1);
  const values = Array.from(batchLine(history).values);
  expect(values.filter((value) => value > 0)).toEqual([0.5, 0.5]);
  expect(Array.from(windowLine(history, 1).values).at(-1)).toBe(0);
});
