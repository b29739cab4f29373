import { type HeadChunk, headChunks } from '../layout/headChunks.ts';
import { pad4 } from '../layout/sizes.ts';
import { weightSliceFloats } from '../layout/weightSlices.ts';
import { type CostConfig, type LayerGroup, layerGroups } from './layerGroups.ts';

/** The tokens of a batch as they go through the head where any binding is large enough. */
export function wholeHead({ batch, model }: CostConfig): HeadChunk[] {
  return headChunks(batch.B * batch.S, model.V, Infinity);
}

/** Weights of an MoE layer whose gradients may take slices: the router's, unless frozen, and its constants'. */
function moeWeights({ router, model: { D } }: CostConfig, { isMoe, slots, previousR }: LayerGroup) {
  if (!isMoe) return [];
  const R = slots.length;
  const C = slots.filter(({ kind }) => kind === 'constant').length;
  const routers = [
    { N: R, K: D },
    ...(router.noise ? [{ N: R, K: D }] : []),
    ...(previousR === null ? [] : [{ N: R, K: previousR }]),
  ];
  const constants = [4 * C, C].map((N) => ({ N, K: D }));
  return [...(router.frozen ? [] : routers), ...(C === 0 ? [] : constants)];
}

/**
 * Weights whose gradients take more than one slice, and the floats of the largest's slices.
 * @param chunks of tokens in which the head's gradient is added up
 */
export function slicedWeights(
  config: CostConfig,
  chunks: readonly HeadChunk[] = wholeHead(config),
): { count: number; floats: number } {
  const { D, H, Hkv, L, V } = config.model;
  const T = config.batch.B * config.batch.S;
  const head = pad4(D / H);
  const weights = [
    { T, N: (H + 2 * Hkv) * head, K: D, times: L },
    { T, N: D, K: H * head, times: L },
    ...chunks.map(({ rows }) => ({ T: rows, N: V, K: D, times: 1 })),
    ...layerGroups(config).flatMap((group) =>
      moeWeights(config, group).map((weight) => ({ T, ...weight, times: group.layers.length })),
    ),
  ];
  let count = 0;
  let floats = 0;
  for (const { times, ...sum } of weights) {
    const sliced = weightSliceFloats(sum);
    if (sliced === 0) continue;
    count += times;
    floats = Math.max(floats, sliced);
  }
  return { count, floats };
}
