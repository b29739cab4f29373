import type { HeadChunk } from '../layout/headChunks.ts';
import { balancingDispatches } from './balancing.ts';
import { type CostConfig, layerGroups } from './layerGroups.ts';
import { scoresDispatches } from './scores.ts';
import { slicedWeights, wholeHead } from './weightSlices.ts';

/** Kernels of one block, forward and backward together, in the order of the network's plan. */
const ATTENTION = 15;
const NORM = 3;
const SWIGLU = 6;
const MOE = 13;
/** Embedding, final norm, clipping, AdamW. */
const OUTER = 8;
/** Head and loss, of each chunk of tokens. */
const HEAD = 4;

/**
 * Kernels that one training step starts. Each costs the adapter's overhead even where it has
 * little to compute, which decides the speed of small models.
 * Counted for GPUs: software adapters take two more per SwiGLU, and none for slices of sums.
 * @param chunks of tokens that go through the head
 */
export function stepDispatches(
  config: CostConfig,
  chunks: readonly HeadChunk[] = wholeHead(config),
): number {
  const { L, keyNorm } = config.model;
  const { bias, noise } = config.router;
  let count = slicedWeights(config, chunks).count + OUTER + HEAD * chunks.length;
  count += L * (ATTENTION + NORM + (keyNorm ? 1 : 0));
  for (const group of layerGroups(config)) {
    const { layers, isMoe, slots, previousR } = group;
    if (!isMoe) {
      count += layers.length * SWIGLU;
      continue;
    }
    const has = (kind: string) => slots.some((slot) => slot.kind === kind);
    const parts = [
      MOE,
      has('ffn') ? SWIGLU : 0,
      config.experts.sharedHidden > 0 ? SWIGLU : 0,
      bias || noise ? 1 : 0,
      bias ? 1 : 0,
      noise ? 5 : 0,
      previousR === null ? 0 : 3,
      has('constant') ? 4 : 0,
    ];
    count += layers.length * parts.reduce((sum, part) => sum + part, 0);
    count += balancingDispatches(config, group);
    count += scoresDispatches(config, group);
  }
  return count;
}
