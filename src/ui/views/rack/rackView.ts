/** What the rack draws: the chosen list of slots with the edits that wait, loads and sizes. */

import type { CostConfig } from '../../../accounting/layerGroups.ts';
import { countParameters, paperCounts } from '../../../accounting/parameters.ts';
import type { RunSource } from '../../../analysis/source.ts';
import { moeLayers } from '../../../config/conditions.ts';
import { engineConfig, sameValue } from '../../../config/edit.ts';
import type { Experiment, ExpertsConfig, Slot } from '../../../config/experiment.ts';
import { slotWidths } from '../../../config/slots.ts';
import type { Layers, SurgeryPlan } from '../../../config/surgeryPlan.ts';
import { layerLoad, loadRatio } from '../../kit/loads.ts';

/** One slot as it is drawn. */
export interface RackSlot {
  slot: Slot;
  /** Hidden width; the twin's for negated slots, 0 for slots without matmul. */
  hidden: number;
  /** Slot of the space in force that it derives from, null for a fresh one. */
  from: number | null;
  /** Width in force where that is another, else null. */
  was: number | null;
  /** Measured load / ideal, mean over the layers with this list; NaN where nothing is measured. */
  ratio: number;
}

export interface RackList {
  slots: readonly Slot[];
  rows: readonly RackSlot[];
  /** MoE layers with this list. */
  layers: readonly number[];
}

export interface RackSource {
  /** Settings in force, `experts` aside. */
  settings: Experiment;
  /** Expert space in force. */
  experts: ExpertsConfig;
  plan: SurgeryPlan | null;
  chosen: Layers;
  /** The run whose loads are drawn. */
  loads: Pick<RunSource, 'loads'>;
}

/** Name of a layer's list: its own, or "default". */
function listName(experts: ExpertsConfig, layer: number): string {
  return experts.perLayer !== undefined && Object.hasOwn(experts.perLayer, String(layer))
    ? String(layer)
    : 'default';
}

/** Mean load / ideal per slot in force over layers, NaN where a layer has nothing measured. */
function ratios(
  { settings, loads }: RackSource,
  slots: readonly Slot[],
  layers: readonly number[],
): number[] {
  const kinds = slots.map(({ kind }) => kind);
  const measured = layers.flatMap((layer) => {
    const bin = loads.loads(layer, null);
    if (bin === null || !sameValue(bin.space.kinds, kinds)) return [];
    return [layerLoad(bin, bin.space.kinds, settings)];
  });
  return slots.map((_, r) => {
    const sum = measured.reduce((total, load) => total + loadRatio(load, r), 0);
    return sum / measured.length;
  });
}

/** The list that edits are shown on: the chosen layer's, or for all layers that of the most. */
export function rackList(source: RackSource): RackList {
  const { settings, experts, plan, chosen } = source;
  const moe = moeLayers(settings);
  const [first = 0] = moe;
  const isDefaultUsed = moe.some((l) => listName(experts, l) === 'default');
  const layer = chosen === 'all' ? first : chosen;
  const isAll = chosen === 'all' && isDefaultUsed;
  const now = plan?.experts ?? experts;
  const before = isAll ? experts.slots : (experts.perLayer?.[String(layer)] ?? experts.slots);
  const slots = isAll ? now.slots : (now.perLayer?.[String(layer)] ?? now.slots);
  const from = (isAll ? undefined : plan?.from[String(layer)]) ?? plan?.from.default;
  const layers = isAll
    ? moe.filter((l) => listName(experts, l) === 'default')
    : moe.filter((l) => l === layer);
  const load = ratios(source, before, layers);
  const [widths, oldWidths] = [slotWidths(slots), slotWidths(before)];
  const rows = slots.map((slot, r): RackSlot => {
    const origin = from === undefined ? r : (from[r] ?? null);
    const hidden = widths[r] ?? 0;
    const old = origin === null ? 0 : (oldWidths[origin] ?? 0);
    return {
      slot,
      hidden,
      from: origin,
      was: old === 0 || old === hidden ? null : old,
      ratio: origin === null ? Number.NaN : (load[origin] ?? Number.NaN),
    };
  });
  return { slots, rows, layers };
}

/** Sizes of the whole model with an expert space. */
export interface RackSizes {
  parameters: number;
  active: number;
}

/** NaN while the settings contradict each other. */
export function rackSizes(
  settings: Experiment,
  experts: ExpertsConfig,
  vocabulary: number,
): RackSizes {
  try {
    const config: CostConfig = engineConfig(
      { ...settings, experts },
      settings.model.V ?? vocabulary,
    );
    return { parameters: countParameters(config).total, active: paperCounts(config).Na };
  } catch {
    return { parameters: Number.NaN, active: Number.NaN };
  }
}
