import { type CostConfig, layerGroups } from './layerGroups.ts';
import { pad4 } from './storedElements.ts';

/** The rule of src/kernels/linear.ts for GPUs; a test holds both to one count. */
const SLICE_TOKENS = 1024;
const MAX_SLICES = 8;
const BUSY = 64;

/** Slices in which the gradient of a weight [N, K] is summed over T tokens. */
function slicesOf(T: number, N: number, K: number): number {
  const tiles = [pad4(N), pad4(K)].map((side) => Math.ceil(side / (side > 32 ? 64 : 32)));
  const tileCount = tiles.reduce((product, n) => product * n, 1);
  return Math.max(
    1,
    Math.min(MAX_SLICES, Math.ceil(T / SLICE_TOKENS), Math.floor(BUSY / tileCount)),
  );
}

/** Weights whose gradients take more than one slice, and the floats of the largest's slices. */
export function slicedWeights(config: CostConfig): { count: number; floats: number } {
  const { D, H, Hkv, L, V } = config.model;
  const T = config.batch.B * config.batch.S;
  const head = pad4(D / H);
  const weights = [
    { N: (H + 2 * Hkv) * head, K: D, times: L },
    { N: D, K: H * head, times: L },
    { N: V, K: D, times: 1 },
    ...layerGroups(config).flatMap(({ isMoe, slots, layers }) =>
      isMoe ? [{ N: slots.length, K: D, times: layers.length }] : [],
    ),
  ];
  let count = 0;
  let floats = 0;
  for (const { N, K, times } of weights) {
    const slices = slicesOf(T, N, K);
    if (slices === 1) continue;
    count += times;
    floats = Math.max(floats, slices * pad4(N) * pad4(K));
  }
  return { count, floats };
}
