/** The lines of the balance over training, of one layer. */
import { batchLine, biasLine, windowLine, windowLoads } from '../../../analysis/balance.ts';
import { slotsNow } from '../../../analysis/slotsSince.ts';
import type { RunSource } from '../../../analysis/source.ts';
import type { LayerSpace } from '../../../config/telemetry.ts';
import type { Series } from '../../kit/charts/series.ts';
import { categoryLook } from '../../kit/figure/scales.ts';
import { layerSigns } from '../../kit/slotNames.ts';

/** Batches that are taken together: never fewer than a point of a long run stands for. */
export function batchesTogether(source: RunSource, layer: number, window: number): number {
  return Math.max(window, source.history(layer)?.stride ?? 1);
}

/** MaxVio of each batch, and of the last so many together. */
export function vioLines(source: RunSource, { layer }: LayerSpace, window: number): Series[] {
  const history = source.history(layer);
  if (history === null) return [];
  const single = { key: 'batch', label: 'each batch', ...categoryLook(0), hasUndefined: true };
  const many = {
    key: `window ${window}`,
    label: `${batchesTogether(source, layer, window)} batches together`,
    ...categoryLook(1),
    hasUndefined: true,
  };
  return [
    { ...single, ...batchLine(history) },
    { ...many, ...windowLine(history, window) },
  ];
}

/** Slots of which the legend has room for the values; of more, a key tells the lines apart. */
const LISTED = 8;

/** Slots of a layer as lines are named and coloured. */
export function slotLooks(source: RunSource, { layer, kinds }: LayerSpace) {
  const signs = layerSigns(slotsNow(source, layer).settings, layer, kinds);
  return kinds.map((_, slot) => ({
    key: `slot ${slot}`,
    label: `${slot}: ${signs[slot]}`,
    ...categoryLook(slot),
    hasUndefined: true,
    isUnlisted: kinds.length > LISTED,
  }));
}

/** Load of every slot over windows of steps, in units of an even one. */
export function loadLines(source: RunSource, space: LayerSpace, window: number): Series[] {
  const history = source.history(space.layer);
  if (history === null) return [];
  const { since } = slotsNow(source, space.layer);
  const loads = windowLoads(history, window, space.slots, since);
  return slotLooks(source, space).map((look, slot) => ({ ...look, ...loads[slot]! }));
}

/** Selection bias of every slot. */
export function biasLines(source: RunSource, space: LayerSpace): Series[] {
  const history = source.history(space.layer);
  if (history === null) return [];
  const { since } = slotsNow(source, space.layer);
  return slotLooks(source, space).map((look, slot) => ({
    ...look,
    ...biasLine(history, slot, since),
  }));
}
