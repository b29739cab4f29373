import type { Slice } from '../gpu/slice.ts';

/** Sizes of the heads: G key/value heads serve H query heads of C values each; T = B·S. */
export interface HeadDims {
  T: number;
  S: number;
  H: number;
  G: number;
  C: number;
}

/** Cosine and sine of every position and pair [S, C/2]. */
export interface RopeSlices {
  cos_SP: Slice;
  sin_SP: Slice;
}
