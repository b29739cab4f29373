import { addInto, type Real, sum, zerosLike } from './arrays.ts';
import * as linear from './linear.ts';
import * as rmsNorm from './rmsNorm.ts';

/**
 * Complete router logits (docs/model.md, "1. Router logits"):
 * z = m·Wrᵀ (+ bias) (+ rmsnorm(softplus(m·Wnᵀ), noise_norm), MoDSE 3–5) (+ z_prev·Wresᵀ, MoE++ 6).
 */
export interface RouterLogitsDims {
  T: number;
  D: number;
  R: number;
  eps: number;
}

export interface RouterLogitsInputs {
  m_TD: Real;
  w_RD: Real;
  bias_R: Real | null;
  noise: { w_RD: Real; norm_R: Real } | null;
  /** Complete logits of the previous MoE layer, of `Q` slots, and Wres [R, Q]. */
  residual: { zPrev_TQ: Real; w_RQ: Real; Q: number } | null;
}

export interface RouterLogitsSaved {
  m_TD: Real;
  w_RD: Real;
  noise: { linear: linear.LinearSaved; norm: rmsNorm.RmsNormSaved; score_TR: Real } | null;
  residual: linear.LinearSaved | null;
  Q: number;
}

export interface RouterLogitsGrads {
  dm_TD: Real;
  dw_RD: Real;
  dbias_R: Real;
  noise: { dw_RD: Real; dnorm_R: Real } | null;
  residual: { dzPrev_TQ: Real; dw_RQ: Real } | null;
}

/** log(1 + exp(x)), without overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

export function forward(
  { m_TD, w_RD, bias_R, noise, residual }: RouterLogitsInputs,
  { T, D, R, eps }: RouterLogitsDims,
): { out: Real; saved: RouterLogitsSaved } {
  let z_TR = linear.forward({ x_TI: m_TD, w_OI: w_RD }, { T, I: D, O: R }).out;
  if (bias_R !== null) z_TR = z_TR.map((z, i) => z + bias_R[i % R]!);
  const saved: RouterLogitsSaved = { m_TD, w_RD, noise: null, residual: null, Q: 0 };
  if (noise !== null) {
    const score = linear.forward({ x_TI: m_TD, w_OI: noise.w_RD }, { T, I: D, O: R });
    const x_TD = score.out.map(softplus);
    const norm = rmsNorm.forward({ x_TD, w_D: noise.norm_R }, { T, D: R, eps });
    z_TR = sum(z_TR, norm.out);
    saved.noise = { linear: score.saved, norm: norm.saved, score_TR: score.out };
  }
  if (residual !== null) {
    const { zPrev_TQ, w_RQ, Q } = residual;
    const carried = linear.forward({ x_TI: zPrev_TQ, w_OI: w_RQ }, { T, I: Q, O: R });
    z_TR = sum(z_TR, carried.out);
    saved.residual = carried.saved;
    saved.Q = Q;
  }
  return { out: z_TR, saved };
}

export function backward(
  dz_TR: Real,
  { m_TD, w_RD, noise, residual, Q }: RouterLogitsSaved,
  { T, D, R, eps }: RouterLogitsDims,
): RouterLogitsGrads {
  const scores = linear.backward(dz_TR, { x_TI: m_TD, w_OI: w_RD }, { T, I: D, O: R });
  const grads: RouterLogitsGrads = {
    dm_TD: scores.dx_TI,
    dw_RD: scores.dw_OI,
    dbias_R: zerosLike(dz_TR, R),
    noise: null,
    residual: null,
  };
  dz_TR.forEach((dz, i) => {
    grads.dbias_R[i % R]! += dz;
  });
  if (noise !== null) {
    const norm = rmsNorm.backward(dz_TR, noise.norm, { T, D: R, eps });
    // forward was: softplus(score), whose slope is σ(score)
    const dscore_TR = norm.dx_TD.map((d, i) => d / (1 + Math.exp(-noise.score_TR[i]!)));
    const { dx_TI, dw_OI } = linear.backward(dscore_TR, noise.linear, { T, I: D, O: R });
    addInto(grads.dm_TD, dx_TI);
    grads.noise = { dw_RD: dw_OI, dnorm_R: norm.dw_D };
  }
  if (residual !== null) {
    const { dx_TI, dw_OI } = linear.backward(dz_TR, residual, { T, I: Q, O: R });
    grads.residual = { dzPrev_TQ: dx_TI, dw_RQ: dw_OI };
  }
  return grads;
}
