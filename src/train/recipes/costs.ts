/** What runs cost: by the accounting, by the loads that were measured, and in seconds on an adapter. */
import { estimateStepSeconds, stepCosts } from '../../accounting/costs.ts';
import { stepDispatches } from '../../accounting/dispatches.ts';
import { leastVocabulary } from '../../accounting/needs.ts';
import { engineConfig } from '../../config/edit.ts';
import type { Experiment } from '../../config/experiment.ts';
import type { AdapterSpeed } from '../session/events.ts';
import type { TrainedRun } from './trainedRun.ts';

/** Kept assignments per token and slot over all steps [R], by layer. */
function keptPerToken({ records, experiment }: TrainedRun): Map<number, Float64Array> {
  const { B, S } = experiment.batch;
  const sums = new Map<number, Float64Array>();
  let steps = 0;
  for (const { n, layers } of records) {
    steps += n;
    for (const { layer, R, W, assignments, drops } of layers) {
      const sum = sums.get(layer) ?? new Float64Array(R);
      sums.set(layer, sum);
      assignments.forEach((count, i) => {
        sum[i % R]! += count;
      });
      drops.forEach((count, i) => {
        sum[i % R]! -= count;
      });
      if (assignments.length !== n * W * R)
        throw new Error(`layer ${layer}: counts of other slots`);
    }
  }
  for (const sum of sums.values()) for (const i of sum.keys()) sum[i]! /= steps * B * S;
  return sums;
}

/** FLOPs of all steps with the loads that were measured; null for a run without steps. */
export function realisedFlops(run: TrainedRun): number | null {
  const { experiment, state } = run;
  if (state.step === 0) return null;
  const config = engineConfig(experiment, experiment.model.V ?? 0);
  return stepCosts(config, keptPerToken(run)).total.flops * state.step;
}

/** Estimated seconds of a run, from what a short probe of the adapter measured. */
export function runSeconds(experiment: Experiment, speed: AdapterSpeed): number {
  const config = engineConfig(experiment, leastVocabulary(experiment));
  const step =
    estimateStepSeconds(stepCosts(config), speed) + stepDispatches(config) * speed.dispatchSeconds;
  return step * experiment.optimizer.totalSteps;
}
