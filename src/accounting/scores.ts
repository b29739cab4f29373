/** What scores, route scale and selection bias add to a step's kernels and buffers (docs/balancing.md). */
import { hasSelectionBias } from '../config/balancing.ts';
import { pad4 } from '../layout/sizes.ts';
import type { Architecture, CostConfig, LayerGroup } from './layerGroups.ts';

/** Layers of a group that have a selection bias. */
export function biasedLayers(config: Architecture, { layers }: LayerGroup): number {
  return layers.filter((l) => hasSelectionBias(config, l)).length;
}

/** Kernels of the bias's rule in one layer; it is recorded whether it moves or not. */
function ruleDispatches({ biasRule, K }: Architecture['router'], R: number): number {
  if (biasRule === null) return 0;
  return biasRule.kind === 'quantile' && K < R ? 2 : 1;
}

/** Kernels that a group's layers take more. */
export function scoresDispatches(config: CostConfig, group: LayerGroup): number {
  const { router } = config;
  const hasOwn = router.score !== 'softmax';
  const ofEach = (hasOwn ? 1 : 0) + (hasOwn || router.routeScale !== 1 ? 1 : 0);
  const R = group.slots.length;
  return group.layers.length * ofEach + biasedLayers(config, group) * ruleDispatches(router, R);
}

/** Floats of a group's layers: scores and their logarithms, and what the quantile rule sorts. */
export function scoresFloats(config: CostConfig, group: LayerGroup): number {
  const { router, batch } = config;
  const T = batch.B * batch.S;
  const R = group.slots.length;
  const own = router.score === 'softmax' ? 0 : 2 * T * pad4(R);
  const sorts = router.biasRule?.kind === 'quantile';
  return group.layers.length * own + (sorts ? biasedLayers(config, group) * R * T : 0);
}
