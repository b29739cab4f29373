import { type Real, zerosLike } from './arrays.ts';
import type { ExpertDims } from './expertUp.ts';
import * as linear from './linear.ts';

/** Second half of grouped SwiGLU experts: y = h·Wdᵀ, rows in expert order (docs/model.md, "5. Experts"). */
export interface ExpertDownInputs {
  /** h of every expert [rows, F]. */
  h_EJF: readonly Real[];
  down_EDF: readonly Real[];
}

export interface ExpertDownSaved {
  experts: linear.LinearSaved[];
}

function mapDims({ D, F_E, start_E }: ExpertDims, e: number): linear.LinearDims {
  return { T: start_E[e + 1]! - start_E[e]!, I: F_E[e]!, O: D };
}

/** out: y of all rows [J, D]. */
export function forward(
  { h_EJF, down_EDF }: ExpertDownInputs,
  dims: ExpertDims,
): { out: Real; saved: ExpertDownSaved } {
  const y_JD = zerosLike(h_EJF[0] ?? new Float64Array(), dims.token_J.length * dims.D);
  const experts = h_EJF.map((x_TI, e) => {
    const y = linear.forward({ x_TI, w_OI: down_EDF[e]! }, mapDims(dims, e));
    y_JD.set(y.out, dims.start_E[e]! * dims.D);
    return y.saved;
  });
  return { out: y_JD, saved: { experts } };
}

export function backward(
  dy_JD: Real,
  { experts }: ExpertDownSaved,
  dims: ExpertDims,
): { dh_EJF: Real[]; ddown_EDF: Real[] } {
  const grads = experts.map((saved, e) => {
    const rows = dy_JD.subarray(dims.start_E[e]! * dims.D, dims.start_E[e + 1]! * dims.D);
    return linear.backward(rows, saved, mapDims(dims, e));
  });
  return {
    dh_EJF: grads.map(({ dx_TI }) => dx_TI),
    ddown_EDF: grads.map(({ dw_OI }) => dw_OI),
  };
}
