import type { AuxTerm, LossesConfig } from '../config/auxTerms.ts';
import type { Slot } from '../config/experiment.ts';
import { type Real, zerosLike } from './arrays.ts';
import { weightGroups } from './dispatch.ts';

/**
 * Auxiliary terms of one MoE layer (docs/model.md, "Losses"). Every term is linear in the mean
 * probabilities P_i with constant counts f_i, but `reward` (gates) and `dynamic` (entropy of p).
 */
export interface AuxLossesDims {
  T: number;
  R: number;
  W: number;
  slots: readonly Slot[];
  losses: LossesConfig;
  tau: number;
}

export interface AuxLossesInputs {
  p_TR: Real;
  /** g of selected slots, and of all null slots with `renormalizedWithNull` (routerTopk). */
  gates_TR: Real;
  /** Dropped assignments included. */
  selected_TW: Int32Array;
}

export interface AuxLossesSaved {
  p_TR: Real;
  /** dLoss/dP_i of all terms linear in P [R]. */
  weight_R: number[];
}

/** Tokens whose rank 0 is slot i [R]. */
function firstCounts(selected_TW: Int32Array, { T, R, W }: AuxLossesDims): number[] {
  const counts = new Array<number>(R).fill(0);
  for (let t = 0; t < T; t++) if (selected_TW[t * W]! >= 0) counts[selected_TW[t * W]!]!++;
  return counts;
}

/** Tokens that select slot i [R]. */
function selectionCounts(selected_TW: Int32Array, { R }: AuxLossesDims): number[] {
  const counts = new Array<number>(R).fill(0);
  for (const slot of selected_TW) if (slot >= 0) counts[slot]!++;
  return counts;
}

/** MoDSE 9–12: weight of P_i is α·R·f_i. */
function switchWeights(alpha: number, selected_TW: Int32Array, dims: AuxLossesDims): number[] {
  return firstCounts(selected_TW, dims).map((count) => alpha * dims.R * (count / dims.T));
}

/** MoE++ 7: weight of P_i is β·η_i·f_i. */
function heterogeneousWeights(
  beta: number,
  selected_TW: Int32Array,
  dims: AuxLossesDims,
): number[] {
  return selectionCounts(selected_TW, dims).map((count, i) => {
    const { kind } = dims.slots[i]!;
    const eta = kind === 'ffn' || kind === 'negated' ? 1 : dims.tau;
    return beta * eta * (count / dims.T);
  });
}

/** TC-MoE 6–9: weight of P of both signs of expert i is α₁·(f_i − f̄). */
function ternaryWeights(alpha1: number, selected_TW: Int32Array, dims: AuxLossesDims): number[] {
  const { T, W, slots } = dims;
  const groups = weightGroups(slots);
  const N = slots.filter(({ kind }) => kind === 'ffn').length;
  const counts = new Array<number>(N).fill(0);
  for (let t = 0; t < T; t++) {
    const experts = new Set<number>();
    for (const slot of selected_TW.subarray(t * W, (t + 1) * W)) {
      if (slot >= 0 && groups[slot]! >= 0) experts.add(groups[slot]!);
    }
    for (const expert of experts) counts[expert]!++;
  }
  const A = selected_TW.filter((slot) => slot >= 0).length;
  const f = counts.map((count) => count / A);
  const mean = f.reduce((total, value) => total + value, 0) / N;
  return groups.map((group) => (group < 0 ? 0 : alpha1 * (f[group]! - mean)));
}

/** Σ_i weight_i·P_i */
function linearTerm(weight_R: number[], P_R: number[]): number {
  return weight_R.reduce((total, weight, i) => total + weight * P_R[i]!, 0);
}

/** −α₂·(1/T)·Σ_{null slots} Σ_t g_i(t) (TC-MoE 12). */
function rewardTerm(alpha2: number, gates_TR: Real, { T, R, slots }: AuxLossesDims): number {
  let total = 0;
  gates_TR.forEach((g, i) => {
    if (slots[i % R]!.kind === 'zero') total += g;
  });
  return 0 - (alpha2 * total) / T;
}

/** w·(1/T)·Σ_t −Σ_i p_i·log p_i, with 0·log 0 = 0. */
function dynamicTerm(w: number, p_TR: Real, { T }: AuxLossesDims): number {
  let entropy = 0;
  for (const p of p_TR) if (p > 0) entropy -= p * Math.log(p);
  return (w * entropy) / T;
}

/** out: the active terms, already weighted. */
export function forward(
  { p_TR, gates_TR, selected_TW }: AuxLossesInputs,
  dims: AuxLossesDims,
): { out: Partial<Record<AuxTerm, number>>; saved: AuxLossesSaved } {
  const { T, R, losses } = dims;
  const P_R = new Array<number>(R).fill(0);
  p_TR.forEach((p, i) => {
    P_R[i % R]! += p / T;
  });
  const weight_R = new Array<number>(R).fill(0);
  const out: Partial<Record<AuxTerm, number>> = {};
  const addLinear = (term: AuxTerm, weights: number[]) => {
    out[term] = linearTerm(weights, P_R);
    weights.forEach((weight, i) => {
      weight_R[i]! += weight;
    });
  };
  if (losses.switch) addLinear('switch', switchWeights(losses.switch.alpha, selected_TW, dims));
  if (losses.heterogeneous) {
    const weights = heterogeneousWeights(losses.heterogeneous.beta, selected_TW, dims);
    addLinear('heterogeneous', weights);
  }
  if (losses.ternary)
    addLinear('ternary', ternaryWeights(losses.ternary.alpha1, selected_TW, dims));
  if (losses.reward) out.reward = rewardTerm(losses.reward.alpha2, gates_TR, dims);
  if (losses.dynamic) out.dynamic = dynamicTerm(losses.dynamic.w, p_TR, dims);
  return { out, saved: { p_TR, weight_R } };
}

/** Gradient of the sum of all terms; dP_i/dp_i(t) = 1/T. */
export function backward(
  { p_TR, weight_R }: AuxLossesSaved,
  { T, R, slots, losses }: AuxLossesDims,
): { dp_TR: Real; dgates_TR: Real } {
  const dp_TR = zerosLike(p_TR);
  const dgates_TR = zerosLike(p_TR);
  const w = losses.dynamic?.w ?? 0;
  const alpha2 = losses.reward?.alpha2 ?? 0;
  p_TR.forEach((p, i) => {
    const entropySlope = p > 0 ? -(Math.log(p) + 1) : 0;
    dp_TR[i] = (weight_R[i % R]! + w * entropySlope) / T;
    if (slots[i % R]!.kind === 'zero') dgates_TR[i] = -alpha2 / T;
  });
  return { dp_TR, dgates_TR };
}
