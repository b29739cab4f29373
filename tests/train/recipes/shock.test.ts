import { expect, it } from 'vitest';
import { mechanisms } from '../../../src/recipes/claims/balancing/mechanisms.ts';
import { balanceOf } from '../../../src/train/recipes/measure/shock.ts';
import { unitCosts, unitSeconds } from '../../../src/train/recipes/unitOf.ts';

const ASK = {
  ...({ kind: 'shock', id: 'shock', label: '', lr: 1e-3 } as const),
  ...{ window: 2, before: 3, after: 5, within: 0.1 },
};
const even = [4, 4];
/** One slot has all. */
const uneven = [8, 0];

it('counts the steps until a window is as even as those before on average', () => {
  // Windows of even steps, of which one has 5 to 3 in one: MaxVio 1/8 once in three.
  const before = [even, even, even, [5, 3]];
  const { calm, curve, steps } = balanceOf(before, [uneven, uneven, even, even, even], ASK);
  expect(calm).toBeCloseTo(0.125 / 3, 12);
  expect(curve).toEqual([1, 0.5, 0, 0]);
  expect(steps).toBe(4);
  expect(balanceOf(before, [even, even, uneven, uneven, uneven], ASK).steps).toBe(2);
});

it('says where it does not come back', () => {
  expect(balanceOf([even, even, even, even], Array(5).fill(uneven), ASK).steps).toBeNull();
  // Above its mean before by no more than 0.1 is back.
  const near = [
    [9, 8],
    [8, 9],
    [9, 8],
    [10, 8],
    [8, 9],
  ];
  expect(balanceOf([even, even, even, even], near, ASK).steps).toBe(2);
});

it('is part of how long a unit is expected to take', () => {
  const speed = { gflopsPerSec: 5, gbytesPerSec: 5, dispatchSeconds: 1e-5 };
  const seconds = (recipe: typeof mechanisms) =>
    unitSeconds(unitCosts({ recipe, budget: 'quick', group: 'sign', seed: 1 }, speed));
  const measurements = mechanisms.measurements.filter(({ kind }) => kind !== 'shock');
  const without = seconds({ ...mechanisms, measurements });
  // 65 steps before the shock and 128 behind it, beside 200.
  expect(seconds(mechanisms) / without).toBeCloseTo(1 + 193 / 200, 9);
});
