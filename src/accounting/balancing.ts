/** What the balancing lab's mechanisms add to a step's kernels and buffers (docs/balancing.md). */
import { hasSelectionBias, layerSelection } from '../config/balancing.ts';
import { historySteps } from '../config/countHistory.ts';
import { selectionWidth } from '../config/layers.ts';
import { pad4 } from '../layout/sizes.ts';
import type { CostConfig, LayerGroup } from './layerGroups.ts';

/** Kernels of one MoE layer. */
const POOL = 4;
const EXPERT_CHOICE = 3;
const ZLOSS = 3;
const BALANCE = 2;

/** Kernels that the layers of a group take more, or where routers are frozen less. */
export function balancingDispatches(config: CostConfig, group: LayerGroup): number {
  const { router, losses = {}, batch } = config;
  const { balance, zloss } = losses;
  let count = 0;
  for (const l of group.layers) {
    const selection = layerSelection(config, l);
    if (router.pool !== null) count += POOL;
    if (selection === 'hash') count += 1;
    if (selection === 'expertChoice') count += EXPERT_CHOICE;
    if (zloss) count += ZLOSS;
    if (balance && selection !== 'hash') {
      count += BALANCE + (historySteps(losses) > 0 ? 1 : 0);
      if (balance.scope === 'sequence' && batch.B > 1) count += 1;
    }
    if (router.frozen) count += frozenDispatches(config, group, l);
  }
  return count;
}

/** A frozen router has no gradients of its parameters, and AdamW goes around them. */
function frozenDispatches(config: CostConfig, { previousR }: LayerGroup, l: number): number {
  const { bias, noise } = config.router;
  const hasResidual = previousR !== null;
  const gradients = 1 + (bias ? 1 : 0) + (noise ? 2 : 0) + (hasResidual ? 1 : 0);
  const isSplit = hasSelectionBias(config, l) && (noise || hasResidual);
  return 1 + (isSplit ? 1 : 0) - gradients;
}

/** Floats of the buffers of a layer, and of the tables that it keeps. */
export function balancingFloats(
  config: CostConfig,
  { slots }: LayerGroup,
  l: number,
): { routing: number; tables: number } {
  const { router, losses = {}, batch, model } = config;
  const T = batch.B * batch.S;
  const R = slots.length;
  const W = selectionWidth(router, R);
  const selection = layerSelection(config, l);
  const isHash = selection === 'hash';
  const groups = losses.balance?.scope === 'sequence' ? batch.B : 1;
  const hasBalance = losses.balance !== undefined && !isHash;
  const routing =
    (router.pool === null ? 0 : T + 2 * batch.B * R + T * pad4(R)) +
    (selection === 'expertChoice' ? R * T + 2 * R : 0) +
    (losses.zloss ? T : 0) +
    (hasBalance ? 3 * groups * R : 0);
  const history = hasBalance && historySteps(losses) > 0 ? R * (3 + historySteps(losses)) : 0;
  return { routing, tables: history + (isHash ? model.V * W : 0) };
}
