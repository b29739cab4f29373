/** Curves as a plausible run has them. */
import type { Experiment } from '../../src/config/experiment.ts';

export const VOCABULARY = 256;

export function learningRate(experiment: Experiment, step: number): number {
  const { lr, minLr, warmup, totalSteps } = experiment.optimizer;
  if (step <= warmup) return (step / warmup) * lr;
  const part = Math.min(1, (step - warmup) / Math.max(1, totalSteps - warmup));
  return minLr + ((lr - minLr) * (1 + Math.cos(Math.PI * part))) / 2;
}

export function trainCe(step: number): number {
  return (
    1.62 +
    (Math.log(VOCABULARY) - 1.62) * (0.45 * Math.exp(-step / 22) + 0.55 * Math.exp(-step / 330))
  );
}

export function crossed(every: number, from: number, to: number): number[] {
  if (every === 0) return [];
  const steps: number[] = [];
  for (let s = Math.ceil(from / every) * every; s <= to; s += every) if (s > 0) steps.push(s);
  return steps;
}
