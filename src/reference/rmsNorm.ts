import { type Real, zerosLike } from './arrays.ts';

/** rmsnorm(x, w) = x / sqrt(mean(x²) + eps) · w over rows of width D (docs/model.md, "Network"). */
export interface RmsNormDims {
  T: number;
  D: number;
  eps: number;
}

export interface RmsNormSaved {
  x_TD: Real;
  w_D: Real;
  /** 1 / sqrt(mean(x²) + eps) */
  rstd_T: Real;
}

export function forward(
  { x_TD, w_D }: { x_TD: Real; w_D: Real },
  { T, D, eps }: RmsNormDims,
): { out: Real; saved: RmsNormSaved } {
  const y_TD = zerosLike(x_TD, T * D);
  const rstd_T = zerosLike(x_TD, T);
  for (let t = 0; t < T; t++) {
    let squares = 0;
    for (let d = 0; d < D; d++) squares += x_TD[t * D + d]! ** 2;
    rstd_T[t] = 1 / Math.sqrt(squares / D + eps);
    for (let d = 0; d < D; d++) y_TD[t * D + d] = x_TD[t * D + d]! * rstd_T[t]! * w_D[d]!;
  }
  return { out: y_TD, saved: { x_TD, w_D, rstd_T } };
}

/** With n = x·rstd: dx = rstd·(w·dy − n·mean(n·w·dy)), dw = Σ_t n·dy. */
export function backward(
  dy_TD: Real,
  { x_TD, w_D, rstd_T }: RmsNormSaved,
  { T, D }: RmsNormDims,
): { dx_TD: Real; dw_D: Real } {
  const dx_TD = zerosLike(x_TD, T * D);
  const dw_D = zerosLike(w_D, D);
  for (let t = 0; t < T; t++) {
    const rstd = rstd_T[t]!;
    let mean = 0;
    for (let d = 0; d < D; d++) {
      const i = t * D + d;
      mean += (x_TD[i]! * rstd * w_D[d]! * dy_TD[i]!) / D;
    }
    for (let d = 0; d < D; d++) {
      const i = t * D + d;
      const normed = x_TD[i]! * rstd;
      dx_TD[i] = rstd * (w_D[d]! * dy_TD[i]! - normed * mean);
      dw_D[d]! += normed * dy_TD[i]!;
    }
  }
  return { dx_TD, dw_D };
}
