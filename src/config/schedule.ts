import type { OptimizerConfig } from './experiment.ts';

/**
 * Learning rate of step s = 1 … n: linear warm-up over W steps, then half a cosine from the peak to
 * `minLr`, and `minLr` from there on (docs/model.md, "Optimiser").
 */
export function learningRate(
  step: number,
  { lr, minLr, warmup, totalSteps }: OptimizerConfig,
): number {
  if (step <= warmup) return (step / warmup) * lr;
  if (step > totalSteps) return minLr;
  const progress = (step - warmup) / (totalSteps - warmup);
  return minLr + ((lr - minLr) * (1 + Math.cos(Math.PI * progress))) / 2;
}
