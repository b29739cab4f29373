import { expertOfSlots, expertWidths } from '../accounting/layerGroups.ts';
import { moeLayers } from '../config/conditions.ts';
import type { Experiment } from '../config/experiment.ts';
import { selectionWidth, slotsOfLayer } from '../config/layers.ts';
import type { LayerSpace } from '../config/telemetry.ts';

/** The expert spaces of the MoE layers of an experiment, events aside. */
export function layerSpaces(experiment: Experiment): LayerSpace[] {
  return moeLayers(experiment).map((layer) => {
    const slots = slotsOfLayer(experiment.experts, layer);
    const widths = expertWidths(slots);
    return {
      layer,
      slots: slots.length,
      ranks: selectionWidth(experiment.router, slots.length),
      kinds: slots.map(({ kind }) => kind),
      hidden: expertOfSlots(slots).map((expert) => widths[expert] ?? 0),
    };
  });
}
