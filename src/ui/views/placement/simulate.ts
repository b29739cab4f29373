/** The rack's experts on simulated devices, with measured routing where there is any. */
import {
  evenShards,
  type PlacementInput,
  type PlacementPolicy,
  type PlacementReport,
  simulatePlacement,
} from '../../../accounting/placement.ts';
import { meanSetSize, nominalSetSizes } from '../../../accounting/slotUse.ts';
import { stepsOf } from '../../../analysis/loadHistory.ts';
import type { RunSource } from '../../../analysis/source.ts';
import { moeLayers } from '../../../config/conditions.ts';
import { sameValue } from '../../../config/edit.ts';
import type { Experiment, Slot } from '../../../config/experiment.ts';
import { slotsOfLayer } from '../../../config/layers.ts';

export const POLICIES: readonly PlacementPolicy[] = ['pair', 'sequential', 'greedy'];

export interface Machine {
  devices: number;
  /** Bytes per second of one device's link. */
  bytesPerSec: number;
  /** FLOP per second of one device. */
  flopsPerSec: number;
  pass: PlacementInput['pass'];
}

/** Kept assignments of every slot in one step [R]. */
export interface LayerUse {
  layer: number;
  slots: readonly Slot[];
  kept: readonly number[];
  isMeasured: boolean;
}

function nominalUse(settings: Experiment, slots: readonly Slot[], layer: number): number[] {
  const { router, batch } = settings;
  const R = slots.length;
  const size = meanSetSize(nominalSetSizes(router, R, router.policy?.[layer] ?? null));
  return slots.map(() => (batch.B * batch.S * size) / R);
}

/** Assignments per step of every MoE layer: measured, or every slot alike before the first step. */
export function layerUses(settings: Experiment, source: Pick<RunSource, 'loads'>): LayerUse[] {
  return moeLayers(settings).map((layer) => {
    const slots = slotsOfLayer(settings.experts, layer);
    const bin = source.loads(layer, null);
    const kinds = slots.map(({ kind }) => kind);
    if (bin === null || !sameValue(bin.space.kinds, kinds))
      return { layer, slots, kept: nominalUse(settings, slots, layer), isMeasured: false };
    const steps = stepsOf(bin);
    const kept = slots.map((_, r) => ((bin.counts[r] ?? 0) - (bin.drops[r] ?? 0)) / steps);
    return { layer, slots, kept, isMeasured: true };
  });
}

/** Loads per device under every policy; tokens are spread evenly over the devices' shards. */
export function placements(
  D: number,
  uses: readonly LayerUse[],
  { devices, bytesPerSec, flopsPerSec, pass }: Machine,
): Record<PlacementPolicy, PlacementReport> {
  const layers = uses.map(({ slots, kept }) => ({ slots, counts: evenShards(kept, devices) }));
  const report = (policy: PlacementPolicy) =>
    simulatePlacement({ D, policy, devices, layers, bytesPerSec, flopsPerSec, pass });
  return { pair: report('pair'), sequential: report('sequential'), greedy: report('greedy') };
}
