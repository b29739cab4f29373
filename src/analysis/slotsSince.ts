/** Which slots a run's layers have at a step: since when, and under which settings. */
import { experimentAtStep } from '../config/edit.ts';
import type { Experiment } from '../config/experiment.ts';
import { layerSpaces } from '../config/layerSpaces.ts';
import { surgerySteps } from '../config/surgery.ts';
import type { LayerSpace } from '../config/telemetry.ts';
import type { LoadBin } from './loadHistory.ts';
import type { RunSource } from './source.ts';

/**
 * First step that was taken with the slots of a step: that of the last surgery before it, 1 without one.
 * A surgery may put other slots in the same places, with the same kinds and widths.
 */
export function slotsSince(experiment: Pick<Experiment, 'events'>, step: number): number {
  return Math.max(1, ...surgerySteps(experiment).filter((at) => at <= step));
}

/** What is counted at a step. Where it is another, by value, other slots are counted. */
export interface Counted {
  since: number;
  spaces: readonly LayerSpace[];
}

export function countedAt(experiment: Experiment, step: number): Counted {
  const spaces = layerSpaces(experimentAtStep(experiment, step));
  return { since: slotsSince(experiment, step), spaces };
}

/** Settings under which the slots of `source.spaces(null)` stand in a layer, and their first step. */
export function slotsNow(
  source: RunSource,
  layer: number,
): { settings: Experiment; since: number } {
  const { experiment } = source.head;
  // After a surgery of a model that rests, nothing is counted before the next step.
  const isFresh = (source.history(layer)?.latest ?? null) === null;
  const step = isFresh ? source.step + 1 : source.step;
  return { settings: experimentAtStep(experiment, step), since: slotsSince(experiment, step) };
}

/** Settings in force where a bin was counted; of the next step before the first one. */
export function settingsOfBin({ head, step }: RunSource, bin: LoadBin | null): Experiment {
  return experimentAtStep(head.experiment, bin?.lastStep ?? step + 1);
}
