import { expect, it } from 'vitest';
import { clipScale, gradNorm } from '../../src/reference/clip.ts';

it('clip: scales by min(1, clip/(norm + 1e-6)) of the global norm', () => {
  const grads = new Map([
    ['a', { shape: [1], data: Float64Array.of(3) }],
    ['b', { shape: [1], data: Float64Array.of(-4) }],
  ]);
  expect(gradNorm(grads)).toBe(5);
  expect(clipScale(5, 1)).toBe(1 / 5.000001);
  expect(clipScale(0.5, 1)).toBe(1);
  expect(clipScale(5, null)).toBe(1);
});
