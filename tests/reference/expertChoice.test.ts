import { expect, it } from 'vitest';
import { expertChoicePlaces } from '../../src/config/balancing.ts';
import { expertChoices } from '../../src/reference/expertChoice.ts';

it('expert choice by log softmax is not the order of z', () => {
  const z_TR = Float64Array.of(5, 9, 4, 0, 3, 3);
  const dims = { T: 3, R: 2, score: 'softmax', places: 1 } as const;
  expect(expertChoices(z_TR, dims, () => true)).toEqual([[1], [0], []]);
});

it('takes the lower token of a tie, and every token where there are places for all', () => {
  const z_TR = Float64Array.of(1, 2, 1, 2, 1, 2);
  const dims = { T: 3, R: 2, score: 'sigmoid' } as const;
  expect(expertChoices(z_TR, { ...dims, places: 2 }, () => true)).toEqual([[0, 1], [0, 1], []]);
  expect(expertChoices(z_TR, { ...dims, places: 3 }, () => true)).toEqual([
    [0, 1],
    [0, 1],
    [0, 1],
  ]);
});

it('has γ·T·K/R places, rounded up and at most T', () => {
  expect(expertChoicePlaces({ K: 2, capacity: null }, 10, 4)).toBe(5);
  expect(expertChoicePlaces({ K: 2, capacity: 1.01 }, 10, 4)).toBe(6);
  expect(expertChoicePlaces({ K: 2, capacity: 9 }, 10, 4)).toBe(10);
});
