import { expect, it } from 'vitest';
import { ratioOf, toldApart } from '../../src/analysis/papers/speeds.ts';
import { engineConfig } from '../../src/config/edit.ts';
import { demanding, denseShare, speedOf, verdictOf } from '../../src/train/ladimo/throughput.ts';
import { TINY } from './support.ts';

it('measures at a shape whose dense FFNs have 70 % of the FLOPs or more', () => {
  const dense = demanding(TINY);
  expect(denseShare(engineConfig(dense, 256))).toBeGreaterThan(0.7);
});

it('takes the median and the quartiles of rounds', () => {
  expect(speedOf([5, 1, 2, 4, 3])).toEqual({ median: 3, low: 2, high: 4, rounds: [5, 1, 2, 4, 3] });
  expect(speedOf([7])).toEqual({ median: 7, low: 7, high: 7, rounds: [7] });
});

const rowOf = (layers: number[], active: number, speeds: number[]) => ({
  ...{ layers, active, prefill: speedOf(speeds), decode: speedOf(speeds) },
});

it('says which way it went, and where the spread does not tell', () => {
  const twice = (speeds: number[]) => [...speeds, ...speeds];
  const dense = rowOf([], 100, twice([10, 10, 11, 5, 10]));
  const about = (speeds: number[]) => verdictOf('X', [dense, rowOf([1, 2], 50, twice(speeds))]);
  const spread = '(median of the ratios 2.00, eight of ten of 10 rounds from 1.91 to 2.00)';
  expect(about([20, 20, 21, 10, 20])).toBe(
    `On X, with 2 of the layers converted, a token uses 50 % of the dense model’s active parameters. Prefill is 100 % faster ${spread}, and decoding is 100 % faster ${spread}.`,
  );
  expect(about([5, 5, 5, 2, 5])).toContain('Prefill is 50 % slower');
  expect(about([9, 11, 12, 5, 10])).toContain(
    'Prefill cannot be told apart from the dense model’s',
  );
  expect(verdictOf('X', [rowOf([], 2, [1]), rowOf([0], 1, [9])])).toContain('fewer than 9 rounds');
  expect(verdictOf('X', [dense])).toContain('no layer is converted');
});

it('takes ratios within a round, so that a slow round moves them less than the speeds', () => {
  const base = { rounds: [100, 100, 20, 100, 100] };
  const other = { rounds: [110, 110, 22, 110, 110] };
  const ratio = ratioOf(other, base);
  for (const value of [ratio.median, ratio.low, ratio.high]) expect(value).toBeCloseTo(1.1, 12);
  expect(toldApart(ratio, 9)).toBe(1);
  expect(toldApart(ratio, 8)).toBe(0);
  expect(toldApart(ratioOf(base, other), 9)).toBe(-1);
  expect(toldApart({ median: 1.1, low: 1, high: 1.2 }, 50)).toBe(0);
  expect(ratioOf({ rounds: [] }, base).median).toBeNaN();
});
