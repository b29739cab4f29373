import type { OptimizerConfig } from '../config/experiment.ts';
import type { Real } from './arrays.ts';

/**
 * AdamW in PyTorch's order (docs/model.md, "Optimiser"): w −= lr·wd·w, then
 * w −= lr·m̂/(sqrt(v̂) + eps), bias-corrected. Changes `w`, `m` and `v` in place.
 */
export interface AdamwInputs {
  w: Real;
  grad: Real;
  /** First and second moments. */
  m: Real;
  v: Real;
}

export interface AdamwDims {
  /** Steps count from 1. */
  step: number;
  lr: number;
  /** Factor of clipping on the gradient. */
  scale: number;
  /** Whether weight decay applies to this parameter. */
  decays: boolean;
  optimizer: Pick<OptimizerConfig, 'beta1' | 'beta2' | 'eps' | 'weightDecay'>;
}

export function update(
  { w, grad, m, v }: AdamwInputs,
  { step, lr, scale, decays, optimizer }: AdamwDims,
): void {
  const { beta1, beta2, eps, weightDecay } = optimizer;
  const correction1 = 1 - beta1 ** step;
  const correction2 = 1 - beta2 ** step;
  for (let i = 0; i < w.length; i++) {
    const g = grad[i]! * scale;
    m[i] = beta1 * m[i]! + (1 - beta1) * g;
    v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
    if (decays) w[i]! -= lr * weightDecay * w[i]!;
    w[i]! -= (lr * (m[i]! / correction1)) / (Math.sqrt(v[i]! / correction2) + eps);
  }
}
