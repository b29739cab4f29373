import type { Real } from './arrays.ts';

/**
 * Loss of one converted layer alone, mse + α·|mse|·Σ_i f_i·P_i (docs/model.md, "Dense → MoE
 * conversion", 3; LaDiMo 4.3): |mse| is the value of the mse without a gradient, f_i the fraction of
 * the assignments that go to slot i, P_i the mean of p_i over the tokens.
 */
export interface DistillLossDims {
  T: number;
  D: number;
  R: number;
  alpha: number;
}

export interface DistillLossSaved {
  /** y − target */
  difference_TD: Real;
  f_R: number[];
  mse: number;
}

/** `count_R`: assignments of every slot, dropped ones included; a constant for differentiation. */
export function forward(
  inputs: { y_TD: Real; target_TD: Real; p_TR: Real; count_R: ArrayLike<number> },
  { T, D, R, alpha }: DistillLossDims,
): { out: { mse: number; balance: number }; saved: DistillLossSaved } {
  const { y_TD, target_TD, p_TR, count_R } = inputs;
  const difference_TD = y_TD.map((y, i) => y - target_TD[i]!);
  let mse = 0;
  for (const difference of difference_TD) mse += difference ** 2 / (T * D);
  const counts = Array.from({ length: R }, (_, r) => count_R[r]!);
  const A = counts.reduce((sum, count) => sum + count, 0);
  const f_R = counts.map((count) => count / A);
  let overlap = 0;
  p_TR.forEach((p, i) => {
    overlap += (f_R[i % R]! * p) / T;
  });
  return { out: { mse, balance: alpha * mse * overlap }, saved: { difference_TD, f_R, mse } };
}

/** dy, and the gradient dp_R that every token's p has. */
export function backward(
  { difference_TD, f_R, mse }: DistillLossSaved,
  { T, D, alpha }: DistillLossDims,
): { dy_TD: Real; dp_R: number[] } {
  const dy_TD = difference_TD.map((difference) => (2 * difference) / (T * D));
  const dp_R = f_R.map((f) => (alpha * mse * f) / T);
  return { dy_TD, dp_R };
}
