import type { EngineConfig, LayerPolicy } from '../config/experiment.ts';
import { type Real, type RealTensors, zerosLike } from './arrays.ts';
import * as moeLayer from './moeLayer.ts';
import { policyWidth } from './routerTopk.ts';
import { zeroTensors } from './tensors.ts';

/** Dense → MoE conversion (docs/model.md, "Dense → MoE conversion"; LaDiMo 4.2 to 4.4). */

export interface DenseFfn {
  /** [h, D] */
  gate: Real;
  up: Real;
  /** [D, h] */
  down: Real;
}

/**
 * Expert i takes hidden units i·h/N … (i + 1)·h/N − 1: rows of gate and up, columns of down.
 * Throws when N does not divide h.
 */
export function splitDense(
  dense: DenseFfn,
  { D, h, N }: { D: number; h: number; N: number },
): DenseFfn[] {
  if (h % N !== 0) throw new RangeError(`ladimo: ${N} experts do not divide ${h} hidden units`);
  const width = h / N;
  return Array.from({ length: N }, (_, i) => {
    const down = zerosLike(dense.down, D * width);
    for (let d = 0; d < D; d++) {
      down.set(dense.down.subarray(d * h + i * width, d * h + (i + 1) * width), d * width);
    }
    const rows = (w: Real) => w.slice(i * width * D, (i + 1) * width * D);
    return { gate: rows(dense.gate), up: rows(dense.up), down };
  });
}

export interface DistillLosses {
  [term: string]: number;
  mse: number;
  /** α·|mse|·Σ f_i·P_i */
  balance: number;
  total: number;
}

/**
 * Loss and gradients of one converted layer alone: mse + α·|mse|·Σ_i f_i·P_i, where |mse| carries no
 * gradient, f_i is the fraction of the assignments that go to expert i, and mse the mean over
 * tokens and features.
 */
export function distill(
  {
    m_TD,
    target_TD,
    params,
    l,
    alpha,
  }: { m_TD: Real; target_TD: Real; params: RealTensors; l: number; alpha: number },
  dims: moeLayer.MoeLayerDims,
): { losses: DistillLosses; y_TD: Real; grads: RealTensors; saved: moeLayer.MoeLayerSaved } {
  const { out, saved } = moeLayer.forward({ m_TD, previous: null, params, l }, dims);
  const count = m_TD.length;
  const { y_TD } = out;
  let mse = 0;
  y_TD.forEach((y, i) => {
    mse += (y - target_TD[i]!) ** 2 / count;
  });
  const { p_TR, selected_TW } = saved.routing;
  const R = saved.slots.length;
  const f_R = new Array<number>(R).fill(0);
  for (const slot of selected_TW) if (slot >= 0) f_R[slot]! += 1 / saved.dispatch.A;
  let overlap = 0;
  p_TR.forEach((p, i) => {
    overlap += (f_R[i % R]! * p) / dims.T;
  });
  const balance = alpha * mse * overlap;
  const dy_TD = y_TD.map((y, i) => (2 * (y - target_TD[i]!)) / count);
  const dp_TR = p_TR.map((_, i) => (alpha * mse * f_R[i % R]!) / dims.T);
  const grads = zeroTensors(params);
  moeLayer.backward({ dy_TD, dzNext_TR: null, dp_TR }, saved, dims, grads);
  return { losses: { mse, balance, total: mse + balance }, y_TD, grads, saved };
}

/** Configuration in which the converted layer is trained: no gating residual, no other loss. */
export function distillConfig(config: EngineConfig): EngineConfig {
  return { ...config, router: { ...config.router, gatingResidual: false }, losses: {} };
}

/** Quantile at q, linear between the order statistics at position q·(n − 1). */
export function quantile(values: ArrayLike<number>, q: number): number {
  if (values.length === 0) throw new RangeError('ladimo: a quantile of no values');
  const sorted = Float64Array.from(values).sort();
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}

export interface PolicyThresholds {
  /** Quantiles over the recorded w_m of all converted layers. */
  alpha: number;
  beta: number;
  layers: { kind: LayerPolicy['kind']; alpha: number; beta: number }[];
}

/**
 * The adaptive router's policy of every converted layer from its recorded maximal routing weights
 * (LaDiMo 4.4): P(w_m ≥ α) = p_u, P(w_m ≤ β) = p_e, globally and per layer.
 */
export function adaptivePolicy(
  maxWeights: readonly ArrayLike<number>[],
  { pu, pe }: { pu: number; pe: number },
): PolicyThresholds {
  const all = maxWeights.flatMap((weights) => Array.from(weights));
  const alpha = quantile(all, 1 - pu);
  const beta = quantile(all, pe);
  const layers = maxWeights.map((weights) => {
    const own = { alpha: quantile(weights, 1 - pu), beta: quantile(weights, pe) };
    return { kind: policyKind(own, { alpha, beta }), ...own };
  });
  return { alpha, beta, layers };
}

interface Thresholds {
  alpha: number;
  beta: number;
}

function policyKind(own: Thresholds, global: Thresholds): LayerPolicy['kind'] {
  const isOftenSure = own.alpha > global.alpha;
  const isOftenUnsure = own.beta < global.beta;
  if (isOftenSure) return isOftenUnsure ? 'dynamic' : 'top-1';
  return isOftenUnsure ? 'top-3' : 'top-2';
}

/** Slots that every recorded token gets under its layer's policy [n]. */
export function tokenWidths(
  weights: ArrayLike<number>,
  policy: { kind: LayerPolicy['kind']; alpha: number; beta: number },
): Int32Array {
  const { kind, alpha, beta } = policy;
  const rule: LayerPolicy = kind === 'dynamic' ? { kind, alpha, beta } : { kind };
  return Int32Array.from(weights, (wm) => policyWidth(rule, wm));
}
