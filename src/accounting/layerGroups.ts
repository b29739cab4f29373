import type { EngineConfig, LayerPolicy, Slot } from '../config/experiment.ts';
import { isMoeLayer, slotsOfLayer } from '../config/layers.ts';

/** What parameter counts depend on. */
export type Architecture = Pick<EngineConfig, 'model' | 'router' | 'experts'>;
/** What costs depend on. */
export type CostConfig = Architecture &
  Pick<EngineConfig, 'batch'> &
  Partial<Pick<EngineConfig, 'losses'>>;

/** Layers that are alike in everything that is counted here. */
export interface LayerGroup {
  layers: readonly number[];
  isMoe: boolean;
  /** Router slots [R]; empty for dense layers. */
  slots: readonly Slot[];
  /** R of the previous MoE layer where a gating residual reads it, else null. */
  previousR: number | null;
  policy: LayerPolicy | null;
}

/** The layers in groups of equal shape, so that counting a deep uniform model costs one layer. */
export function layerGroups(config: Architecture): LayerGroup[] {
  const groups: (LayerGroup & { layers: number[] })[] = [];
  let previousR: number | null = null;
  for (let l = 0; l < config.model.L; l++) {
    const isMoe = isMoeLayer(config.model, l);
    const slots = isMoe ? slotsOfLayer(config.experts, l) : [];
    const policy = config.router.policy?.[l] ?? null;
    const before = isMoe && config.router.gatingResidual ? previousR : null;
    if (isMoe) previousR = slots.length;
    const alike = groups.find(
      (group) =>
        group.isMoe === isMoe &&
        group.previousR === before &&
        group.policy === policy &&
        (!isMoe || group.slots === slots),
    );
    if (alike) alike.layers.push(l);
    else groups.push({ layers: [l], isMoe, slots, previousR: before, policy });
  }
  return groups;
}
