import type { Slot } from '../config/experiment.ts';
import { type Real, zerosLike } from './arrays.ts';

/**
 * y = Σ_{i∈𝓔, kept} g_i·E_i(m) (docs/model.md, "5. Experts"): FFN rows by their sign, copies of m,
 * constants a₁·m + a₂·v with [a₁, a₂] = softmax(m·Wcᵀ), and nothing for zero slots.
 */
export interface CombineDims {
  T: number;
  D: number;
  R: number;
  W: number;
  slots: readonly Slot[];
  /** What an inspection multiplies an assignment's output by. */
  factor?: (t: number, r: number) => number;
}

export interface CombineInputs {
  m_TD: Real;
  /** FFN outputs in expert order. */
  y_JD: Real;
  gates_TR: Real;
  selected_TW: Int32Array;
  dropped_TW: Uint8Array;
  row_TW: Int32Array;
  /** Constant slots in order. */
  constants: readonly { vector_D: Real; mix_2D: Real }[];
}

export interface CombineGrads {
  dm_TD: Real;
  dy_JD: Real;
  dgates_TR: Real;
  constants: { dvector_D: Real; dmix_2D: Real }[];
}

/** Index of every constant slot among the constant slots, −1 for the others [R]. */
function constantIndices(slots: readonly Slot[]): number[] {
  let constants = 0;
  return slots.map((slot) => (slot.kind === 'constant' ? constants++ : -1));
}

/** [a₁, a₂] = softmax(m·Wcᵀ) of token t. */
function mixOf({ m_TD, constants }: CombineInputs, t: number, c: number, D: number) {
  const { mix_2D } = constants[c]!;
  let difference = 0;
  for (let d = 0; d < D; d++) difference += m_TD[t * D + d]! * (mix_2D[d]! - mix_2D[D + d]!);
  const a1 = 1 / (1 + Math.exp(-difference));
  return [a1, 1 / (1 + Math.exp(difference))] as const;
}

/** Calls `visit` for every kept assignment, tokens in order and ranks in order. */
function eachKept(
  { selected_TW, dropped_TW, row_TW }: CombineInputs,
  { T, W, slots }: CombineDims,
  visit: (t: number, r: number, slot: Slot, row: number) => void,
): void {
  for (let t = 0; t < T; t++) {
    for (let i = t * W; i < (t + 1) * W; i++) {
      const r = selected_TW[i]!;
      if (r >= 0 && dropped_TW[i] === 0) visit(t, r, slots[r]!, row_TW[i]!);
    }
  }
}

/** E(m) of a kept assignment, channel by channel. */
function outputOf(
  inputs: CombineInputs,
  { D }: CombineDims,
  { t, slot, row, c }: { t: number; slot: Slot; row: number; c: number },
): (d: number) => number {
  const { m_TD, y_JD, constants } = inputs;
  switch (slot.kind) {
    case 'ffn':
      return (d) => y_JD[row * D + d]!;
    case 'negated':
      return (d) => -y_JD[row * D + d]!;
    case 'copy':
      return (d) => m_TD[t * D + d]!;
    case 'constant': {
      const [a1, a2] = mixOf(inputs, t, c, D);
      return (d) => a1 * m_TD[t * D + d]! + a2 * constants[c]!.vector_D[d]!;
    }
    case 'zero':
      return () => 0;
  }
}

export function forward(
  inputs: CombineInputs,
  dims: CombineDims,
): { out: Real; saved: CombineInputs } {
  const { m_TD, gates_TR } = inputs;
  const { D, R, slots, factor } = dims;
  const out_TD = zerosLike(m_TD);
  const constantIndex = constantIndices(slots);
  eachKept(inputs, dims, (t, r, slot, row) => {
    const g = gates_TR[t * R + r]! * (factor?.(t, r) ?? 1);
    const output = outputOf(inputs, dims, { t, slot, row, c: constantIndex[r]! });
    for (let d = 0; d < D; d++) out_TD[t * D + d]! += g * output(d);
  });
  return { out: out_TD, saved: inputs };
}

/** ‖g·E(m)‖₂ of every kept assignment with its factor, 0 elsewhere [T, W]. */
export function norms(inputs: CombineInputs, dims: CombineDims): Real {
  const { gates_TR, selected_TW } = inputs;
  const { D, R, W, slots, factor } = dims;
  const norm_TW = zerosLike(gates_TR, selected_TW.length);
  const constantIndex = constantIndices(slots);
  eachKept(inputs, dims, (t, r, slot, row) => {
    const g = gates_TR[t * R + r]! * (factor?.(t, r) ?? 1);
    const output = outputOf(inputs, dims, { t, slot, row, c: constantIndex[r]! });
    let squares = 0;
    for (let d = 0; d < D; d++) squares += output(d) ** 2;
    norm_TW[selected_TW.indexOf(r, t * W)] = Math.abs(g) * Math.sqrt(squares);
  });
  return norm_TW;
}

/** dg = Σ_d dy·E(m), dE = g·dy; a dropped assignment gets and gives nothing. */
export function backward(dout_TD: Real, saved: CombineInputs, dims: CombineDims): CombineGrads {
  const { m_TD, y_JD, gates_TR, constants } = saved;
  const { D, R, slots } = dims;
  const grads: CombineGrads = {
    dm_TD: zerosLike(m_TD),
    dy_JD: zerosLike(y_JD),
    dgates_TR: zerosLike(gates_TR),
    constants: constants.map(({ vector_D, mix_2D }) => ({
      dvector_D: zerosLike(vector_D),
      dmix_2D: zerosLike(mix_2D),
    })),
  };
  const constantIndex = constantIndices(slots);
  eachKept(saved, dims, (t, r, slot, row) => {
    const g = gates_TR[t * R + r]!;
    for (let d = 0; d < D; d++) {
      const dout = dout_TD[t * D + d]!;
      if (slot.kind === 'ffn' || slot.kind === 'negated') {
        const sign = slot.kind === 'ffn' ? 1 : -1;
        grads.dgates_TR[t * R + r]! += sign * dout * y_JD[row * D + d]!;
        grads.dy_JD[row * D + d]! += sign * g * dout;
      } else if (slot.kind === 'copy') {
        grads.dgates_TR[t * R + r]! += dout * m_TD[t * D + d]!;
        grads.dm_TD[t * D + d]! += g * dout;
      }
    }
    if (slot.kind === 'constant') {
      constantBackward(dout_TD, saved, dims, grads, { t, r, c: constantIndex[r]! });
    }
  });
  return grads;
}

/** With l = m·Wcᵀ, a = softmax(l): da = [g·dy·m, g·dy·v], dl = a·(da − Σ a·da). */
function constantBackward(
  dout_TD: Real,
  saved: CombineInputs,
  { D, R }: CombineDims,
  grads: CombineGrads,
  { t, r, c }: { t: number; r: number; c: number },
): void {
  const { m_TD, gates_TR, constants } = saved;
  const { vector_D, mix_2D } = constants[c]!;
  const { dvector_D, dmix_2D } = grads.constants[c]!;
  const g = gates_TR[t * R + r]!;
  const [a1, a2] = mixOf(saved, t, c, D);
  let doutM = 0;
  let doutV = 0;
  for (let d = 0; d < D; d++) {
    doutM += dout_TD[t * D + d]! * m_TD[t * D + d]!;
    doutV += dout_TD[t * D + d]! * vector_D[d]!;
  }
  grads.dgates_TR[t * R + r]! += a1 * doutM + a2 * doutV;
  const dl1 = g * a1 * a2 * (doutM - doutV);
  for (let d = 0; d < D; d++) {
    const dout = dout_TD[t * D + d]!;
    grads.dm_TD[t * D + d]! += g * a1 * dout + dl1 * (mix_2D[d]! - mix_2D[D + d]!);
    dvector_D[d]! += g * a2 * dout;
    dmix_2D[d]! += dl1 * m_TD[t * D + d]!;
    dmix_2D[D + d]! -= dl1 * m_TD[t * D + d]!;
  }
}
