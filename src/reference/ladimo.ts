import type { EngineConfig, LayerPolicy } from '../config/experiment.ts';
import { policyWidth } from '../config/ladimo.ts';
import { type Real, type RealTensors, zerosLike } from './arrays.ts';
import * as distillLoss from './distillLoss.ts';
import * as moeLayer from './moeLayer.ts';
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

/** Loss (distillLoss.ts) and gradients of one converted layer alone. */
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
  const { y_TD } = out;
  const { p_TR, selected_TW } = saved.routing;
  const R = saved.slots.length;
  const count_R = new Array<number>(R).fill(0);
  for (const slot of selected_TW) if (slot >= 0) count_R[slot]! += 1;
  const lossDims = { T: dims.T, D: dims.config.model.D, R, alpha };
  const loss = distillLoss.forward({ y_TD, target_TD, p_TR, count_R }, lossDims);
  const { mse, balance } = loss.out;
  const { dy_TD, dp_R } = distillLoss.backward(loss.saved, lossDims);
  const dp_TR = p_TR.map((_, i) => dp_R[i % R]!);
  const grads = zeroTensors(params);
  moeLayer.backward({ dy_TD, dzNext_TR: null, dp_TR }, saved, dims, grads);
  return { losses: { mse, balance, total: mse + balance }, y_TD, grads, saved };
}

/** Configuration in which the converted layer is trained: no gating residual, no other loss. */
export function distillConfig(config: EngineConfig): EngineConfig {
  return { ...config, router: { ...config.router, gatingResidual: false }, losses: {} };
}

/** Slots that every recorded token gets under its layer's policy [n]. */
export function tokenWidths(weights: ArrayLike<number>, policy: LayerPolicy): Int32Array {
  return Int32Array.from(weights, (wm) => policyWidth(policy, wm));
}
