import { compareValues, type Tolerance } from '../../src/golden/compare.ts';

/**
 * Fails unless every element is finite and max |actual − expected| ≤ abs + rel · max |expected|,
 * both maxima over the tensor. The message names the worst element by its coordinates in `shape`
 * (a flat index without one), both values, and the share of the tolerance that was used.
 */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: Tolerance,
  name: string,
  shape: readonly number[] = [expected.length],
): void {
  const { passed, detail, error, ratio, allowed } = compareValues(
    name,
    actual,
    expected,
    shape,
    tolerance,
  );
  if (passed) return;
  const share = `${(100 * ratio).toPrecision(3)} % of the tolerance`;
  throw new Error(
    `${name}: ${detail}; error ${error.toPrecision(3)}, allowed ${allowed.toPrecision(3)} (${share})`,
  );
}
