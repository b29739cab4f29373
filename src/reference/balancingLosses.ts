import type { LossesConfig } from '../config/auxTerms.ts';
import { type Real, zerosLike } from './arrays.ts';
import { rankSlots } from './routerTopk.ts';
import { logSumExp, softmaxOver } from './scores.ts';

/** z-loss and balance over all choices of one MoE layer (docs/balancing.md, "Losses"). */
export interface BalancingLossesDims {
  T: number;
  R: number;
  W: number;
  /** Tokens of a sequence. */
  S: number;
  K: number;
  losses: Pick<LossesConfig, 'zloss' | 'balance'>;
}

export interface BalancingLossesInputs {
  z_TR: Real;
  p_TR: Real;
  selected_TW: Int32Array;
  /** 1 for the slots in the pool of the token's sequence; null for all. */
  pool_TR: Uint8Array | null;
  /** Counts of the steps before, oldest first, each [R]; for scope `global`. */
  history: readonly (readonly number[])[];
}

export interface BalancingLossesSaved {
  /** dLoss/dp_i(t) of `balance` [T, R]. */
  dp_TR: Real;
  /** dLoss/dz_i(t) of `zloss` [T, R]. */
  dz_TR: Real;
}

type LeftTest = (t: number, r: number) => boolean;

/** Choices of tokens [from, to) per slot [R]: of the selection, or of the K first by z. */
function choices(
  { z_TR, selected_TW }: BalancingLossesInputs,
  { R, W, K, losses }: BalancingLossesDims,
  isLeft: LeftTest,
  [from, to]: readonly [number, number],
): number[] {
  const counts = new Array<number>(R).fill(0);
  for (let t = from; t < to; t++) {
    const ranked = () =>
      rankSlots(z_TR.subarray(t * R, (t + 1) * R))
        .filter((r) => isLeft(t, r))
        .slice(0, K);
    const slots =
      losses.balance?.counts === 'unbiased' ? ranked() : selected_TW.subarray(t * W, (t + 1) * W);
    for (const slot of slots) if (slot >= 0) counts[slot]!++;
  }
  return counts;
}

/** Adds the term of tokens [from, to), which weighs `share` of all; returns it. */
function balanceOver(
  counts: readonly number[],
  { p_TR, dp_TR }: { p_TR: Real; dp_TR: Real },
  [from, to]: readonly [number, number],
  factor: number,
): number {
  const R = counts.length;
  const A = counts.reduce((sum, count) => sum + count, 0);
  let term = 0;
  for (let t = from; t < to; t++) {
    counts.forEach((count, r) => {
      const slope = (factor * R * (count / A)) / (to - from);
      dp_TR[t * R + r]! += slope;
      term += slope * p_TR[t * R + r]!;
    });
  }
  return term;
}

function balance(
  inputs: BalancingLossesInputs,
  dims: BalancingLossesDims,
  isLeft: LeftTest,
  dp_TR: Real,
): { term: number; counts_R: number[] } {
  const { T, S, losses } = dims;
  const counts_R = choices(inputs, dims, isLeft, [0, T]);
  if (!losses.balance) return { term: 0, counts_R };
  const { coefficient, scope } = losses.balance;
  const into = { p_TR: inputs.p_TR, dp_TR };
  if (scope === 'sequence') {
    const B = T / S;
    let term = 0;
    for (let j = 0; j < B; j++) {
      const range = [j * S, (j + 1) * S] as const;
      term += balanceOver(choices(inputs, dims, isLeft, range), into, range, coefficient / B);
    }
    return { term, counts_R };
  }
  const before = scope === 'global' ? inputs.history : [];
  const f = counts_R.map((count, r) => before.reduce((sum, past) => sum + past[r]!, count));
  return { term: balanceOver(f, into, [0, T], coefficient), counts_R };
}

/** coefficient·(1/T)·Σ_t (logsumexp z)², and 2·coefficient/T·logsumexp·softmax(z) into dz. */
function zLoss(
  { z_TR }: BalancingLossesInputs,
  { T, R }: BalancingLossesDims,
  coefficient: number,
  isLeft: LeftTest,
  dz_TR: Real,
): number {
  let term = 0;
  for (let t = 0; t < T; t++) {
    const z_R = z_TR.subarray(t * R, (t + 1) * R);
    const isIn = (r: number) => isLeft(t, r);
    const all = logSumExp(z_R, isIn);
    term += (coefficient * all ** 2) / T;
    softmaxOver(z_R, isIn).forEach((p, r) => {
      dz_TR[t * R + r] = (2 * coefficient * all * p) / T;
    });
  }
  return term;
}

/** out: the active terms, weighted; `counts_R`: what the history keeps of the step. */
export function forward(
  inputs: BalancingLossesInputs,
  dims: BalancingLossesDims,
): {
  out: { zloss?: number; balance?: number };
  counts_R: number[];
  saved: BalancingLossesSaved;
} {
  const { p_TR, pool_TR } = inputs;
  const { R, losses } = dims;
  const isLeft: LeftTest = (t, r) => pool_TR === null || pool_TR[t * R + r] === 1;
  const dp_TR = zerosLike(p_TR);
  const dz_TR = zerosLike(p_TR);
  const { term, counts_R } = balance(inputs, dims, isLeft, dp_TR);
  const out: { zloss?: number; balance?: number } = {};
  if (losses.zloss) out.zloss = zLoss(inputs, dims, losses.zloss.coefficient, isLeft, dz_TR);
  if (losses.balance) out.balance = term;
  return { out, counts_R, saved: { dp_TR, dz_TR } };
}
