import { pad4 } from './sizes.ts';
import { BUSY_WORKGROUPS, busyTile, type TileShape, tileGrid } from './tiles.ts';

/** The gradient of a weight [N, K], summed over T tokens. */
interface WeightSum {
  T: number;
  N: number;
  K: number;
}

/** Tokens of one slice of a sum over tokens, and the most slices. */
const SLICE_TOKENS = 256;
const MAX_SLICES = 32;
/** Sums over fewer tokens are not worth the kernel that adds up slices. */
const LEAST_TOKENS = 1024;

/**
 * Tile of a weight's gradient, and the slices of tokens in which a small weight's is summed, so that more
 * workgroups share a long sum; 1 where it has enough of them. By the sizes alone, so that runs repeat bit
 * for bit.
 */
export function weightTiling({ T, N, K }: WeightSum): { shape: TileShape; slices: number } {
  const [rows, cols] = [pad4(N), pad4(K)];
  const most = T < LEAST_TOKENS ? 1 : Math.min(MAX_SLICES, Math.ceil(T / SLICE_TOKENS));
  const shape = busyTile(rows, cols, most);
  const { tiles } = tileGrid(rows, cols, shape);
  const wanted = Math.min(most, Math.floor((2 * BUSY_WORKGROUPS) / tiles));
  return { shape, slices: Math.max(1, wanted) };
}

/** Floats of scratch that a sum takes on GPUs: its slices, none where there is only one. */
export function weightSliceFloats(sum: WeightSum): number {
  const { slices } = weightTiling(sum);
  return slices > 1 ? slices * pad4(sum.N) * pad4(sum.K) : 0;
}
