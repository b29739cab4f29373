import { expect, it } from 'vitest';
import { poolSize } from '../../src/config/balancing.ts';
import { pools, preferences } from '../../src/reference/pools.ts';
import { random } from './finiteDifferences.ts';

const [T, S, R] = [6, 3, 4];
const z_TR = random('z', T * R).map((z) => 3 * z);

it('draws the sizes of the specification', () => {
  const pool = { min: 2, max: 5, evaluation: null };
  const sizes = [0, 1, 2, 3, 4, 5].map((j) => poolSize(pool, { seed: 1, step: 1, l: 0, j, R: 9 }));
  expect(sizes).toEqual([5, 3, 4, 3, 5, 3]);
  expect(poolSize(pool, { seed: 1, step: 1, l: 0, j: 0, R: 4 })).toBe(4);
});

it('takes the slots that a sequence prefers on average, ties to the lower slot', () => {
  const dims = { T, R, S, seed: 1, step: 1, l: 0 };
  const [first, second] = preferences(z_TR, dims);
  expect([...first!].reduce((a, b) => a + b, 0)).toBeCloseTo(1, 14);
  const taken = pools(z_TR, { ...dims, pool: { size: 2, evaluation: null } });
  [first!, second!].forEach((mean_R, j) => {
    const order = [...mean_R.keys()].sort((a, b) => mean_R[b]! - mean_R[a]!);
    const want = [...mean_R.keys()].map((r) => (order.indexOf(r) < 2 ? 1 : 0));
    expect([...taken.subarray(j * R, (j + 1) * R)]).toEqual(want);
  });
  const even = pools(new Float64Array(T * R), { ...dims, pool: { size: 1, evaluation: null } });
  expect([...even]).toEqual([1, 0, 0, 0, 1, 0, 0, 0]);
});

it('has a size of its own in evaluation, or no pool', () => {
  const dims = { T, R, S, seed: 1, step: null, l: 0 };
  const count = (evaluation: number | null) =>
    pools(z_TR, { ...dims, pool: { size: 1, evaluation } }).reduce((a, b) => a + b, 0);
  expect([count(3), count(null)]).toEqual([6, 8]);
});
