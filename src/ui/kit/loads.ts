import { useMemo } from 'react';
import { idealWeights, type LayerLoad, SLOT_METRICS } from '../../accounting/loadMetrics.ts';
import { type LoadBin, stepsOf } from '../../analysis/loadHistory.ts';
import type { RunSource, StepRange } from '../../analysis/source.ts';
import { experimentAtStep } from '../../config/edit.ts';
import type { Experiment, SlotKind } from '../../config/experiment.ts';
import { useHead } from './place.ts';
import { useView } from './useLab.tsx';

/** The expert space of one MoE layer. */
export interface PlannedLayer {
  layer: number;
  kinds: readonly SlotKind[];
  /** Hidden width per slot; 0 where nothing is computed, the twin's for negated slots. */
  hidden: readonly number[];
}

/** One MoE layer at the steps that are shown. */
export interface ShownLayer extends PlannedLayer {
  /** Null before the first step. */
  bin: LoadBin | null;
  load: LayerLoad | null;
}

/** Whether a loss or capacity aims at τ-weighted loads instead of equal ones. */
export function aimsAtTau({ losses, router }: Experiment): boolean {
  return router.tau > 0 && (losses.heterogeneous !== undefined || router.capacity !== null);
}

/** Loads of a bin in the form that the load figures take. */
export function layerLoad(
  bin: LoadBin,
  kinds: readonly SlotKind[],
  experiment: Experiment,
): LayerLoad {
  const { batch, router } = experiment;
  return {
    ...bin,
    tokens: stepsOf(bin) * batch.B * batch.S,
    kinds,
    ...(aimsAtTau(experiment) ? { weights: idealWeights(kinds, router.tau) } : {}),
  };
}

export function shownLayers(source: RunSource, steps: StepRange | null): ShownLayer[] {
  const { experiment } = source.head;
  return source.spaces(null).map(({ layer, ...now }) => {
    const bin = source.loads(layer, steps);
    const { kinds, hidden } = bin?.space ?? now;
    return {
      layer,
      kinds,
      hidden,
      bin,
      load: bin === null ? null : layerLoad(bin, kinds, experimentAtStep(experiment, bin.lastStep)),
    };
  });
}

/**
 * All MoE layers of a run at some steps, or at the latest ones.
 * @param version the run's version as drawn (`useLiveVersion`)
 */
export function useShownLayers(
  source: RunSource,
  steps: StepRange | null,
  version: number,
): ShownLayer[] {
  const head = useHead(source);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the logs grow in place; version and head tell
  return useMemo(() => shownLayers(source, steps), [source, steps, head, version]);
}

/** The layer whose details are shown: the chosen one, else the first. */
export function useShownLayer(layers: readonly ShownLayer[]): ShownLayer | null {
  const chosen = useView((s) => s.layer);
  return layers.find(({ layer }) => layer === chosen) ?? layers[0] ?? null;
}

const ratioMetric = SLOT_METRICS.find(({ id }) => id === 'ratio');

/** Load / ideal of a slot, NaN before the first step. */
export function loadRatio(load: LayerLoad | null, slot: number): number {
  return load === null || ratioMetric === undefined ? Number.NaN : ratioMetric.compute(load, slot);
}

/** "steps 141–150" or "step 12". */
export function stepRange(bin: LoadBin): string {
  const { firstStep, lastStep } = bin;
  const text = (step: number) => step.toLocaleString('en');
  return firstStep === lastStep
    ? `step ${text(firstStep)}`
    : `steps ${text(firstStep)}–${text(lastStep)}`;
}

/** One sign per kind of slot. */
export const GLYPHS: Readonly<Record<SlotKind, string>> = {
  ffn: 'E',
  negated: '−E',
  zero: '∅',
  copy: '=',
  constant: 'c',
};

export const KIND_NAMES: Readonly<Record<SlotKind, string>> = {
  ffn: 'FFN expert',
  negated: 'negated expert',
  zero: 'zero',
  copy: 'copy',
  constant: 'constant',
};
