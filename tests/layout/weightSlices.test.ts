import { expect, it } from 'vitest';
import { weightSliceFloats, weightTiling } from '../../src/layout/weightSlices.ts';

it('slices long sums where a weight alone keeps few workgroups busy', () => {
  const slicesOf = (T: number, N: number, K: number) => weightTiling({ T, N, K }).slices;
  expect(slicesOf(1023, 8, 64)).toBe(1);
  expect(slicesOf(1024, 8, 64)).toBe(4);
  expect(slicesOf(1025, 8, 64)).toBe(5);
  expect(slicesOf(1e6, 8, 64)).toBe(32);
  expect(slicesOf(1e6, 384, 128)).toBe(21);
  expect(slicesOf(1e6, 512, 512)).toBe(4);
  expect(slicesOf(1e6, 2048, 1024)).toBe(1);
  expect(weightSliceFloats({ T: 1023, N: 8, K: 64 })).toBe(0);
  expect(weightSliceFloats({ T: 2050, N: 6, K: 63 })).toBe(9 * 8 * 64);
});

it('takes wide tiles where there are enough of them, or enough slices', () => {
  const shapeOf = (T: number, N: number, K: number) => weightTiling({ T, N, K }).shape;
  expect(shapeOf(512, 128, 128)).toEqual({ TM: 1, TN: 1 });
  expect(shapeOf(1e6, 128, 128)).toEqual({ TM: 2, TN: 2 });
  expect(shapeOf(1024, 1024, 1024)).toEqual({ TM: 2, TN: 2 });
  expect(shapeOf(1e6, 8, 1024)).toEqual({ TM: 1, TN: 2 });
});
