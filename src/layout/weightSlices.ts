import { pad4 } from './sizes.ts';
import { tileGrid, tileShape } from './tiles.ts';

/** The gradient of a weight [N, K], summed over T tokens. */
interface WeightSum {
  T: number;
  N: number;
  K: number;
}

/** Tokens of one slice of a sum over tokens, and the most slices. */
const SLICE_TOKENS = 1024;
const MAX_SLICES = 8;
/** Workgroups that keep a GPU busy: sums with as many are not sliced. */
const BUSY = 64;

/**
 * Slices of tokens in which a small weight's gradient is summed, so that more workgroups share a long
 * sum; 1 where it has enough of them. It depends on the sizes only, so runs repeat bit for bit.
 */
export function weightSlices({ T, N, K }: WeightSum): number {
  const [rows, cols] = [pad4(N), pad4(K)];
  const { tiles } = tileGrid(rows, cols, tileShape(rows, cols));
  const wanted = Math.min(MAX_SLICES, Math.ceil(T / SLICE_TOKENS), Math.floor(BUSY / tiles));
  return Math.max(1, wanted);
}

/** Floats of scratch that a sum takes on GPUs: its slices, none where there is only one. */
export function weightSliceFloats(sum: WeightSum): number {
  const slices = weightSlices(sum);
  return slices > 1 ? slices * pad4(sum.N) * pad4(sum.K) : 0;
}
