import { expect, it } from 'vitest';
import { weightSliceFloats, weightSlices } from '../../src/layout/weightSlices.ts';

it('slices long sums where a weight alone keeps few workgroups busy', () => {
  expect(weightSlices({ T: 1024, N: 8, K: 64 })).toBe(1);
  expect(weightSlices({ T: 1025, N: 8, K: 64 })).toBe(2);
  expect(weightSlices({ T: 1e6, N: 8, K: 64 })).toBe(8);
  expect(weightSlices({ T: 1e6, N: 384, K: 128 })).toBe(5);
  expect(weightSlices({ T: 1e6, N: 512, K: 512 })).toBe(1);
  expect(weightSliceFloats({ T: 1024, N: 8, K: 64 })).toBe(0);
  expect(weightSliceFloats({ T: 2050, N: 6, K: 63 })).toBe(3 * 8 * 64);
});
