import type { EngineConfig } from './experiment.ts';
import { isMoeLayer, selectionWidth, slotsOfLayer } from './layers.ts';
import { slotWidths } from './slots.ts';
import type { LayerSpace } from './telemetry.ts';

/** The expert space of every MoE layer, events aside. */
export function layerSpaces({
  model,
  router,
  experts,
}: {
  model: Pick<EngineConfig['model'], 'L' | 'arrangement'>;
  router: EngineConfig['router'];
  experts: EngineConfig['experts'];
}): LayerSpace[] {
  const layers = Array.from({ length: model.L }, (_, l) => l);
  return layers
    .filter((l) => isMoeLayer(model, l))
    .map((layer) => {
      const slots = slotsOfLayer(experts, layer);
      return {
        layer,
        slots: slots.length,
        ranks: selectionWidth(router, slots.length),
        kinds: slots.map(({ kind }) => kind),
        hidden: slotWidths(slots),
      };
    });
}
