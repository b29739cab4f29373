import { expect, it } from 'vitest';
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
  const dense = rowOf([], 100, [10, 10, 11]);
  const about = (speeds: number[]) => verdictOf('X', [dense, rowOf([1, 2], 50, speeds)]);
  expect(about([20, 20, 21])).toBe(
    'On X, with 2 of the layers converted, a token uses 50 % of the dense model’s active parameters. Prefill is 100 % faster, and decoding is 100 % faster.',
  );
  expect(about([5, 5, 5])).toContain('Prefill is 50 % slower');
  expect(about([9, 11, 12])).toContain('Prefill is not told apart from the dense model’s');
  expect(verdictOf('X', [dense])).toContain('no layer is converted');
});
