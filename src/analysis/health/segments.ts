/** The settings of a run, one after the other. */
import { experimentAtStep } from '../../config/edit.ts';
import type { Experiment } from '../../config/experiment.ts';

/** Settings from a step on. */
export interface Segment {
  firstStep: number;
  experiment: Experiment;
}

export function segmentsOf(experiment: Experiment): Segment[] {
  const starts = new Set([1, ...experiment.events.map(([step]) => Math.max(1, step))]);
  return [...starts]
    .sort((a, b) => a - b)
    .map((firstStep) => ({ firstStep, experiment: experimentAtStep(experiment, firstStep) }));
}

/** Those in force at some steps. */
export function segmentsIn(segments: readonly Segment[], first: number, last: number): Segment[] {
  const begins = segments.findLastIndex(({ firstStep }) => firstStep <= first);
  return segments.filter((segment, i) => i >= Math.max(0, begins) && segment.firstStep <= last);
}
