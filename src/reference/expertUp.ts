import { type Real, silu, siluSlope, zerosLike } from './arrays.ts';
import * as linear from './linear.ts';

/**
 * First half of grouped SwiGLU experts: h = silu(m·Wgᵀ) ⊙ (m·Wuᵀ) for the tokens of every expert
 * (docs/model.md, "5. Experts"). Experts may differ in width; a dense FFN is one expert with all tokens.
 */
export interface ExpertDims {
  T: number;
  D: number;
  /** Hidden width of every expert. */
  F_E: readonly number[];
  /** Exclusive row starts [E + 1]. */
  start_E: ArrayLike<number>;
  /** Token of every row [J]. */
  token_J: ArrayLike<number>;
}

export interface ExpertUpInputs {
  m_TD: Real;
  gate_EFD: readonly Real[];
  up_EFD: readonly Real[];
}

export interface ExpertUpSaved {
  m_TD: Real;
  /** Per expert: the maps' inputs and the pre-activations [rows, F]. */
  experts: { gate: linear.LinearSaved; up: linear.LinearSaved; v_JF: Real; u_JF: Real }[];
}

/** Rows of x_TD that an expert's tokens pick. */
function gather(x_TD: Real, e: number, { D, start_E, token_J }: ExpertDims): Real {
  const rows = start_E[e + 1]! - start_E[e]!;
  const out_JD = zerosLike(x_TD, rows * D);
  for (let j = 0; j < rows; j++) {
    const t = token_J[start_E[e]! + j]!;
    out_JD.set(x_TD.subarray(t * D, (t + 1) * D), j * D);
  }
  return out_JD;
}

/** dx_TD[token of row] += rows, in row order. */
function scatterAdd(dx_TD: Real, rows_JD: Real, e: number, { D, start_E, token_J }: ExpertDims) {
  for (let i = 0; i < rows_JD.length; i++) {
    const t = token_J[start_E[e]! + Math.floor(i / D)]!;
    dx_TD[t * D + (i % D)]! += rows_JD[i]!;
  }
}

function mapDims({ D, F_E, start_E }: ExpertDims, e: number): linear.LinearDims {
  return { T: start_E[e + 1]! - start_E[e]!, I: D, O: F_E[e]! };
}

/** out: h of every expert [rows, F]. */
export function forward(
  { m_TD, gate_EFD, up_EFD }: ExpertUpInputs,
  dims: ExpertDims,
): { out: Real[]; saved: ExpertUpSaved } {
  const experts = dims.F_E.map((_, e) => {
    const x_TI = gather(m_TD, e, dims);
    const v = linear.forward({ x_TI, w_OI: gate_EFD[e]! }, mapDims(dims, e));
    const u = linear.forward({ x_TI, w_OI: up_EFD[e]! }, mapDims(dims, e));
    return { gate: v.saved, up: u.saved, v_JF: v.out, u_JF: u.out };
  });
  const out = experts.map(({ v_JF, u_JF }) => v_JF.map((v, i) => silu(v) * u_JF[i]!));
  return { out, saved: { m_TD, experts } };
}

export function backward(
  dh_EJF: readonly Real[],
  { m_TD, experts }: ExpertUpSaved,
  dims: ExpertDims,
): { dm_TD: Real; dgate_EFD: Real[]; dup_EFD: Real[] } {
  const dm_TD = zerosLike(m_TD);
  const dgate_EFD: Real[] = [];
  const dup_EFD: Real[] = [];
  experts.forEach(({ gate, up, v_JF, u_JF }, e) => {
    // forward was: h = silu(v)·u
    const dv_JF = dh_EJF[e]!.map((dh, i) => dh * u_JF[i]! * siluSlope(v_JF[i]!));
    const du_JF = dh_EJF[e]!.map((dh, i) => dh * silu(v_JF[i]!));
    const dgate = linear.backward(dv_JF, gate, mapDims(dims, e));
    const dup = linear.backward(du_JF, up, mapDims(dims, e));
    scatterAdd(dm_TD, dgate.dx_TI, e, dims);
    scatterAdd(dm_TD, dup.dx_TI, e, dims);
    dgate_EFD.push(dgate.dw_OI);
    dup_EFD.push(dup.dw_OI);
  });
  return { dm_TD, dgate_EFD, dup_EFD };
}
