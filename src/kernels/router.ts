import index from '../../shaders/common/index.wgsl?raw';
import mix32 from '../../shaders/common/mix32.wgsl?raw';
import numbers from '../../shaders/common/numbers.wgsl?raw';
import slots from '../../shaders/common/slots.wgsl?raw';
import step from '../../shaders/common/step.wgsl?raw';
import codes from '../../shaders/router/codes.wgsl?raw';
import gates from '../../shaders/router/gates.wgsl?raw';
import logitsBwd from '../../shaders/router/routerLogits.bwd.wgsl?raw';
import logitsFwd from '../../shaders/router/routerLogits.fwd.wgsl?raw';
import topkBiased from '../../shaders/router/routerTopk.biased.wgsl?raw';
import topkBwd from '../../shaders/router/routerTopk.bwd.wgsl?raw';
import topkFwd from '../../shaders/router/routerTopk.fwd.wgsl?raw';
import topkMain from '../../shaders/router/routerTopk.main.wgsl?raw';
import softplus from '../../shaders/router/softplus.wgsl?raw';
import type { GateMode, LayerPolicy, Selection } from '../config/experiment.ts';
import { f32, type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';
import { GATE_CODES, ORDER_CODES, POLICY_CODES, SELECTION_CODES } from './codes.ts';
import { NOT_A_NUMBER } from './slots.ts';

export const routerLogitsFwd = {
  name: 'routerLogits.fwd',
  source: logitsFwd,
  preludes: [index, softplus],
  bindings: { ...read('bias_R', 'n_TR', 'w_R'), ...readWrite('z_TR') },
  dims: { ...u32('T', 'R', 'R4', 'bias', 'noise'), ...f32('eps') },
} as const satisfies KernelSpec;

export const routerLogitsBwd = {
  name: 'routerLogits.bwd',
  source: logitsBwd,
  preludes: [index, numbers, softplus],
  bindings: { ...read('dz_TR', 'w_R'), ...readWrite('n_TR', 'dw_term_TR') },
  dims: { ...u32('T', 'R', 'R4'), ...f32('eps') },
} as const satisfies KernelSpec;

export const routerTopkFwd = {
  name: 'routerTopk.fwd',
  source: topkFwd,
  preludes: [index, numbers, slots, codes, step, gates, mix32, topkMain],
  bindings: { ...read('z_TR', 'slots_R'), ...readWrite('p_TR', 'g_TR', 'selected_WT') },
  dims: {
    ...u32('T', 'R', 'R4', 'W', 'K', 'selection', 'gate', 'layer', 'policy'),
    ...f32('alpha', 'beta'),
    ...u32('not_a_number'),
  },
  step: true,
} as const satisfies KernelSpec;

export const routerTopkBiased = {
  ...routerTopkFwd,
  name: 'routerTopk.biased',
  source: topkBiased,
  bindings: { ...routerTopkFwd.bindings, ...read('order_TR', 'bias_R') },
  dims: { ...routerTopkFwd.dims, ...u32('order') },
} as const satisfies KernelSpec;

export const routerTopkBwd = {
  name: 'routerTopk.bwd',
  source: topkBwd,
  preludes: [index, numbers, slots, codes, step],
  bindings: {
    ...read('p_TR', 'g_TR', 'selected_WT', 'slots_R', 'dg_WT', 'aux_dp_R'),
    ...readWrite('dz_TR'),
  },
  dims: u32('T', 'R', 'R4', 'W', 'gate', 'accumulate'),
  step: true,
} as const satisfies KernelSpec;

/** z += bias + rmsnorm(softplus(n)) · noise_norm; a null input leaves its term out (MoDSE 3–5). */
export function routerLogitsForward(
  plan: PlanBuilder,
  io: { z_TR: Slice; bias_R: Slice | null; noise: { n_TR: Slice; w_R: Slice } | null },
  dims: { T: number; R: number; eps: number },
): void {
  const { T, R, eps } = dims;
  if (!io.bias_R && !io.noise) return;
  const unused = io.bias_R ?? io.noise?.w_R;
  if (!unused) return;
  const buffers = {
    bias_R: io.bias_R ?? unused,
    n_TR: io.noise?.n_TR ?? unused,
    w_R: io.noise?.w_R ?? unused,
    z_TR: io.z_TR,
  };
  const values = { T, R, R4: pad4(R) / 4, bias: io.bias_R ? 1 : 0, noise: io.noise ? 1 : 0, eps };
  plan.add(routerLogitsFwd, buffers, values, Math.ceil(T / 64));
}

/** Noise branch backward: n_TR becomes its gradient, dw_term_TR the terms of d noise_norm. */
export function routerNoiseBackward(
  plan: PlanBuilder,
  io: { dz_TR: Slice; w_R: Slice; n_TR: Slice; dw_term_TR: Slice },
  dims: { T: number; R: number; eps: number },
): void {
  const { T, R, eps } = dims;
  plan.add(routerLogitsBwd, io, { T, R, R4: pad4(R) / 4, eps }, Math.ceil(T / 64));
}

export interface RouterTopkDims {
  T: number;
  R: number;
  /** Ranks: `selectionWidth`. */
  W: number;
  K: number;
  selection: Selection;
  gate: GateMode;
  layer: number;
  policy: LayerPolicy | null;
}

function policyDims(policy: LayerPolicy | null) {
  const { alpha, beta } = policy?.kind === 'dynamic' ? policy : { alpha: 0, beta: 0 };
  return { policy: policy ? POLICY_CODES[policy.kind] : 0, alpha, beta };
}

/** What slots rank by where it is not the logits that p is made of. */
export interface Ranks {
  /** The logits themselves; scores, or p, with the bias. */
  by: keyof typeof ORDER_CODES;
  /** Logits or scores; null for p. */
  order_TR: Slice | null;
  bias_R: Slice | null;
}

/** p, g and selected from the logits (docs/model.md, "2. Selection", "3. Gate weights"). */
export function routerTopkForward(
  plan: PlanBuilder,
  io: { z_TR: Slice; slots_R: Slice; p_TR: Slice; g_TR: Slice; selected_WT: Slice },
  dims: RouterTopkDims,
  ranks: Ranks | null = null,
): void {
  const { T, R, W, K, layer } = dims;
  const values = {
    T,
    R,
    R4: pad4(R) / 4,
    W,
    K,
    selection: SELECTION_CODES[dims.selection],
    gate: GATE_CODES[dims.gate],
    layer,
    ...policyDims(dims.policy),
    not_a_number: NOT_A_NUMBER,
  };
  const groups = Math.ceil(T / 64);
  if (ranks === null) {
    plan.add(routerTopkFwd, io, values, groups);
    return;
  }
  const unused = io.z_TR;
  const buffers = { ...io, order_TR: ranks.order_TR ?? unused, bias_R: ranks.bias_R ?? unused };
  plan.add(routerTopkBiased, buffers, { ...values, order: ORDER_CODES[ranks.by] }, groups);
}

/** dz from the gradients of g and of the auxiliary losses; adds to dz_TR where `accumulate`. */
export function routerTopkBackward(
  plan: PlanBuilder,
  io: {
    p_TR: Slice;
    g_TR: Slice;
    selected_WT: Slice;
    slots_R: Slice;
    dg_WT: Slice;
    aux_dp_R: Slice;
    dz_TR: Slice;
  },
  dims: { T: number; R: number; W: number; gate: GateMode; accumulate: boolean },
): void {
  const { T, R, W } = dims;
  const gate = GATE_CODES[dims.gate];
  const values = { T, R, R4: pad4(R) / 4, W, gate, accumulate: dims.accumulate ? 1 : 0 };
  plan.add(routerTopkBwd, io, values, Math.ceil(T / 64));
}
