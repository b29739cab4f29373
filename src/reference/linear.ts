import { type Real, zerosLike } from './arrays.ts';

/** y_TO = x_TI · w_OIᵀ; weights are stored [out, in] (docs/model.md, "Symbols"). */
export interface LinearDims {
  /** Rows of x. */
  T: number;
  /** Inputs per row. */
  I: number;
  /** Outputs per row. */
  O: number;
}

export interface LinearSaved {
  x_TI: Real;
  w_OI: Real;
}

export function forward(
  inputs: LinearSaved,
  { T, I, O }: LinearDims,
): { out: Real; saved: LinearSaved } {
  const { x_TI, w_OI } = inputs;
  const y_TO = zerosLike(x_TI, T * O);
  for (let t = 0; t < T; t++) {
    for (let o = 0; o < O; o++) {
      for (let i = 0; i < I; i++) y_TO[t * O + o]! += x_TI[t * I + i]! * w_OI[o * I + i]!;
    }
  }
  return { out: y_TO, saved: inputs };
}

/** dx = dy·w, dw = dyᵀ·x */
export function backward(
  dy_TO: Real,
  { x_TI, w_OI }: LinearSaved,
  { T, I, O }: LinearDims,
): { dx_TI: Real; dw_OI: Real } {
  const dx_TI = zerosLike(x_TI, T * I);
  const dw_OI = zerosLike(w_OI, O * I);
  for (let t = 0; t < T; t++) {
    for (let o = 0; o < O; o++) {
      const dy = dy_TO[t * O + o]!;
      for (let i = 0; i < I; i++) {
        dx_TI[t * I + i]! += dy * w_OI[o * I + i]!;
        dw_OI[o * I + i]! += dy * x_TI[t * I + i]!;
      }
    }
  }
  return { dx_TI, dw_OI };
}
