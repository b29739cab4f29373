import type { Tolerance } from '../../src/golden/compare.ts';

/**
 * Every tolerance of the tests, each with its reason. A tensor passes when
 * max |got − want| ≤ abs + rel · max |want|.
 */
export const TOLERANCES = {
  /** Central differences in float64 with step 1e-5: truncation ~1e-10, rounding ~1e-11 of the loss. */
  finiteDifferences: { abs: 2e-8, rel: 1e-6 },
  /** The same mathematics in another order of float64 operations. */
  float64: { abs: 1e-13, rel: 1e-12 },
  /** A float32 forward kernel against float64: the goldens' floor for `out`. */
  kernelForward: { abs: 1e-6, rel: 2e-5 },
  /** A float32 backward kernel against float64: the goldens' floor for `grad`. */
  kernelBackward: { abs: 1e-7, rel: 5e-5 },
  /** Whole numbers, copies and bitwise repetition. */
  exact: { abs: 0, rel: 0 },
} as const satisfies Record<string, Tolerance>;
