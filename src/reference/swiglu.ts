import type { Real, RealTensors } from './arrays.ts';
import * as expertDown from './expertDown.ts';
import * as expertUp from './expertUp.ts';
import { addGradient, valuesOf } from './tensors.ts';

/**
 * A SwiGLU that every token goes through (dense FFN, shared expert):
 * (silu(m·Wgateᵀ) ⊙ (m·Wupᵀ))·Wdownᵀ, the grouped operations with one group.
 */
export interface SwigluSaved {
  prefix: string;
  dims: expertUp.ExpertDims;
  up: expertUp.ExpertUpSaved;
  down: expertDown.ExpertDownSaved;
}

/** `prefix` names the parameters: `<prefix>.{gate,up,down}.weight`. */
export function forward(
  { m_TD, params, prefix }: { m_TD: Real; params: RealTensors; prefix: string },
  { T, D, F }: { T: number; D: number; F: number },
): { out: Real; saved: SwigluSaved } {
  const token_J = Array.from({ length: T }, (_, t) => t);
  const dims = { T, D, F_E: [F], start_E: [0, T], token_J };
  const gate_EFD = [valuesOf(params, `${prefix}.gate.weight`)];
  const up_EFD = [valuesOf(params, `${prefix}.up.weight`)];
  const down_EDF = [valuesOf(params, `${prefix}.down.weight`)];
  const up = expertUp.forward({ m_TD, gate_EFD, up_EFD }, dims);
  const down = expertDown.forward({ h_EJF: up.out, down_EDF }, dims);
  return { out: down.out, saved: { prefix, dims, up: up.saved, down: down.saved } };
}

/** Adds the parameters' gradients to `grads`. */
export function backward(
  dy_TD: Real,
  { prefix, dims, up, down }: SwigluSaved,
  grads: RealTensors,
): { dm_TD: Real } {
  const { dh_EJF, ddown_EDF } = expertDown.backward(dy_TD, down, dims);
  const { dm_TD, dgate_EFD, dup_EFD } = expertUp.backward(dh_EJF, up, dims);
  addGradient(grads, `${prefix}.gate.weight`, dgate_EFD[0]!);
  addGradient(grads, `${prefix}.up.weight`, dup_EFD[0]!);
  addGradient(grads, `${prefix}.down.weight`, ddown_EDF[0]!);
  return { dm_TD };
}
