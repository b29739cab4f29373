/** The lines of the balance over training, of one layer. */
import { batchLine, biasLine, loadLine, windowLine } from '../../../analysis/balance.ts';
import type { RunSource } from '../../../analysis/source.ts';
import type { LayerSpace } from '../../../config/telemetry.ts';
import type { Series } from '../../kit/charts/series.ts';
import { categoryLook } from '../../kit/figure/scales.ts';
import { layerSigns } from '../../kit/slotNames.ts';

/** MaxVio of each batch, and of the last so many together. */
export function vioLines(source: RunSource, { layer }: LayerSpace, window: number): Series[] {
  const history = source.history(layer);
  if (history === null) return [];
  const single = { key: 'batch', label: 'each batch', ...categoryLook(0), hasUndefined: true };
  const many = {
    key: `window ${window}`,
    label: `${window} batches together`,
    ...categoryLook(1),
    hasUndefined: true,
  };
  return [
    { ...single, ...batchLine(history) },
    { ...many, ...windowLine(history, window) },
  ];
}

/** Slots of a layer as lines are named and coloured. */
export function slotLooks(source: RunSource, { layer, kinds }: LayerSpace) {
  const signs = layerSigns(source.head.experiment, layer, kinds);
  return kinds.map((_, slot) => ({
    key: `slot ${slot}`,
    label: `${slot}: ${signs[slot]}`,
    ...categoryLook(slot),
    hasUndefined: true,
  }));
}

/** Of every slot its load in units of an even one, or its selection bias. */
export function slotLines(source: RunSource, space: LayerSpace, of: 'load' | 'bias'): Series[] {
  const history = source.history(space.layer);
  if (history === null) return [];
  const line = of === 'load' ? loadLine : biasLine;
  return slotLooks(source, space).map((look, slot) => ({ ...look, ...line(history, slot) }));
}
