import { expect, it, vi } from 'vitest';
import { binLine } from '../../src/analysis/binLines.ts';
import { LoadHistory, MAX_BINS } from '../../src/analysis/loadHistory.ts';
import { type LayerSpace, layerLoads } from '../../src/config/telemetry.ts';

const SPACE: LayerSpace = {
  layer: 0,
  slots: 2,
  ranks: 1,
  kinds: ['ffn', 'ffn'],
  hidden: [4, 4],
};

/** Appends n steps, in which slot 0 gets as many tokens as the step's number. */
function train(history: LoadHistory, firstStep: number, n: number): void {
  const loads = layerLoads({ layer: 0, R: 2, W: 1 }, n, 1);
  for (let i = 0; i < n; i++) loads.assignments[2 * i] = firstStep + i;
  history.append(loads, firstStep, n);
}

it('has one value per bin, each computed once', () => {
  const history = new LoadHistory(SPACE);
  const first = vi.fn((bin) => bin.counts[0]);
  train(history, 1, 5);
  expect([...Array.from(binLine(history, 'a', first).values)]).toEqual([1, 2, 3, 4, 5]);
  train(history, 6, 2);
  const line = binLine(history, 'a', first);
  expect(Array.from(line.steps!)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(first).toHaveBeenCalledTimes(7);
  expect(binLine(history, 'a', first).owner).toBe(line.owner);
});

it('is another line when bins merge, and while the last one fills', () => {
  const history = new LoadHistory(SPACE);
  const first = (bin: { counts: Float64Array }) => bin.counts[0]!;
  train(history, 1, MAX_BINS);
  const { owner } = binLine(history, 'a', first);
  train(history, MAX_BINS + 1, 1);
  const merged = binLine(history, 'a', first);
  expect(merged.owner).not.toBe(owner);
  expect(merged.values[0]).toBe(1 + 2);
  expect(merged.values[merged.values.length - 1]).toBe(MAX_BINS + 1);
  train(history, MAX_BINS + 2, 1);
  const filled = binLine(history, 'a', first);
  expect(filled.owner).not.toBe(merged.owner);
  expect(filled.values[filled.values.length - 1]).toBe(2 * MAX_BINS + 3);
  expect(filled.values).toHaveLength(MAX_BINS / 2 + 1);
});

it('is empty before the first step', () => {
  expect(binLine(new LoadHistory(SPACE), 'a', () => 0).values).toHaveLength(0);
});
