import type { EngineConfig } from '../config/experiment.ts';
import { isMoeLayer, selectionWidth, slotsOfLayer } from '../config/layers.ts';
import { parameterShapes } from '../config/parameterShapes.ts';
import type { LayerSpace } from '../config/telemetry.ts';
import { expertWidths, slotGroups } from '../kernels/slots.ts';

/** Shapes and names of all parameters as one string: equal strings, equal models. */
export function modelSignature(config: EngineConfig): string {
  return parameterShapes(config)
    .map(({ name, shape }) => `${name}[${shape}]`)
    .join();
}

/** What the plans depend on beyond the numbers that are read per step. */
export function planSignature({ model, router, experts, batch }: EngineConfig): string {
  const { P, q, ...structure } = router;
  return JSON.stringify([model, structure, experts, batch]);
}

/** The expert space of every MoE layer. */
export function layerSpaces(config: EngineConfig): LayerSpace[] {
  const layers = Array.from({ length: config.model.L }, (_, l) => l);
  return layers
    .filter((l) => isMoeLayer(config.model, l))
    .map((layer) => {
      const slots = slotsOfLayer(config.experts, layer);
      const widths = expertWidths(slots);
      const groups = slotGroups(slots);
      return {
        layer,
        slots: slots.length,
        ranks: selectionWidth(config.router, slots.length),
        kinds: slots.map((slot) => slot.kind),
        hidden: slots.map((slot, r) =>
          slot.kind === 'ffn' || slot.kind === 'negated' ? (widths[groups[r] ?? 0] ?? 0) : 0,
        ),
      };
    });
}
