import { pad4 } from '../layout/sizes.ts';
import { weightSliceFloats } from '../layout/weightSlices.ts';
import { type CostConfig, layerGroups } from './layerGroups.ts';

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
      isMoe && !config.router.frozen ? [{ N: slots.length, K: D, times: layers.length }] : [],
    ),
  ];
  let count = 0;
  let floats = 0;
  for (const { N, K, times } of weights) {
    const sliced = weightSliceFloats({ T, N, K });
    if (sliced === 0) continue;
    count += times;
    floats = Math.max(floats, sliced);
  }
  return { count, floats };
}
