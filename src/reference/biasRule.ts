import type { BiasRule, Slot } from '../config/experiment.ts';
import { isComputing } from '../config/slots.ts';
import type { Real } from './arrays.ts';

/** What a step saw of a layer with a selection bias. */
export interface BiasRuleInputs {
  /** Changed in place. */
  bias_R: Real;
  /** Assignments per slot, those dropped by capacity included. */
  counts_R: readonly number[];
  /** Scores; read by `quantile` alone. */
  s_TR: Real;
}

export interface BiasRuleDims {
  T: number;
  K: number;
  slots: readonly Slot[];
}

function sign(
  { bias_R, counts_R }: BiasRuleInputs,
  { rate, centre }: Extract<BiasRule, { kind: 'sign' }>,
): void {
  const A = counts_R.reduce((sum, count) => sum + count, 0);
  const delta = counts_R.map((count) => rate * Math.sign(A - counts_R.length * count));
  const mean = centre ? delta.reduce((sum, d) => sum + d, 0) / delta.length : 0;
  delta.forEach((d, r) => {
    bias_R[r]! += d - mean;
  });
}

/** Value at position `at` of sorted values, linear between its neighbours. */
function interpolated(sorted: Float64Array, at: number): number {
  const low = Math.floor(at);
  const from = sorted[low]!;
  return low === at ? from : from + (at - low) * (sorted[low + 1]! - from);
}

function quantile(
  { bias_R, s_TR }: BiasRuleInputs,
  { smoothing }: Extract<BiasRule, { kind: 'quantile' }>,
  { T, K }: BiasRuleDims,
): void {
  const R = bias_R.length;
  if (K >= R) return;
  const needed_RT = Array.from({ length: R }, () => new Float64Array(T));
  for (let t = 0; t < T; t++) {
    const s_R = s_TR.subarray(t * R, (t + 1) * R);
    const alpha = Array.from(s_R, (s, r) => s + bias_R[r]!).sort((a, b) => b - a)[K]!;
    s_R.forEach((s, r) => {
      needed_RT[r]![t] = alpha - s;
    });
  }
  const moved = needed_RT.map((needed_T, r) => {
    const q = interpolated(needed_T.sort(), (K / R) * (T - 1));
    return smoothing * bias_R[r]! + (1 - smoothing) * q;
  });
  const mean = moved.reduce((sum, b) => sum + b, 0) / R;
  moved.forEach((b, r) => {
    bias_R[r] = b - mean;
  });
}

function budget(
  { bias_R, counts_R }: BiasRuleInputs,
  { rate, computing }: Extract<BiasRule, { kind: 'budget' }>,
  { T, K, slots }: BiasRuleDims,
): void {
  const most = Math.min(K, slots.length);
  const N = slots.filter(({ kind }) => isComputing(kind)).length;
  slots.forEach(({ kind }, r) => {
    if (isComputing(kind))
      bias_R[r]! += rate * (computing / (most * N) - counts_R[r]! / (most * T));
  });
}

/** Moves b after a step (docs/balancing.md, "Selection bias"). */
export function moveBias(inputs: BiasRuleInputs, rule: BiasRule, dims: BiasRuleDims): void {
  switch (rule.kind) {
    case 'none':
      return;
    case 'sign':
      sign(inputs, rule);
      return;
    case 'quantile':
      quantile(inputs, rule, dims);
      return;
    case 'budget':
      budget(inputs, rule, dims);
      return;
  }
}
