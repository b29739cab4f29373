import index from '../../shaders/common/index.wgsl?raw';
import numbers from '../../shaders/common/numbers.wgsl?raw';
import slots from '../../shaders/common/slots.wgsl?raw';
import codes from '../../shaders/router/codes.wgsl?raw';
import fwd from '../../shaders/router/expertChoice.fwd.wgsl?raw';
import keys from '../../shaders/router/expertChoice.keys.wgsl?raw';
import threshold from '../../shaders/router/expertChoice.threshold.wgsl?raw';
import gates from '../../shaders/router/gates.wgsl?raw';
import type { GateMode } from '../config/experiment.ts';
import { type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';
import { addRows } from './bodies.ts';
import { GATE_CODES } from './codes.ts';

export const expertChoiceKeys = {
  name: 'expertChoice.keys',
  source: keys,
  preludes: [index, numbers],
  bindings: { ...read('z_TR'), ...readWrite('key_RT') },
  dims: u32('T', 'R', 'R4', 'is_softmax'),
} as const satisfies KernelSpec;

export const expertChoiceThreshold = {
  name: 'expertChoice.threshold',
  source: threshold,
  preludes: [index],
  bindings: { ...read('key_RT'), ...readWrite('threshold_R') },
  dims: u32('T', 'R', 'most'),
} as const satisfies KernelSpec;

export const expertChoiceFwd = {
  name: 'expertChoice.fwd',
  source: fwd,
  preludes: [index, numbers, slots, codes, gates],
  bindings: {
    ...read('z_TR', 'slots_R', 'key_RT', 'threshold_R'),
    ...readWrite('p_TR', 'g_TR', 'selected_WT'),
  },
  dims: u32('T', 'R', 'R4', 'W', 'gate'),
} as const satisfies KernelSpec;

/**
 * Every slot takes its `most` best tokens: selected [R, T] and gates, in place of those that
 * `routerTopkForward` left (docs/balancing.md, "Expert choice").
 * @param io `z_TR`: log s, of which gates are made; `order_TR`: the logits
 */
export function expertChoiceForward(
  plan: PlanBuilder,
  io: {
    z_TR: Slice;
    order_TR: Slice;
    slots_R: Slice;
    key_RT: Slice;
    threshold_R: Slice;
    p_TR: Slice;
    g_TR: Slice;
    selected_WT: Slice;
  },
  dims: { T: number; R: number; most: number; gate: GateMode; isSoftmax: boolean },
): void {
  const { T, R, most } = dims;
  const R4 = pad4(R) / 4;
  const perToken = Math.ceil(T / 64);
  plan.add(
    expertChoiceKeys,
    { ...io, z_TR: io.order_TR },
    { T, R, R4, is_softmax: dims.isSoftmax ? 1 : 0 },
    perToken,
  );
  addRows(plan, expertChoiceThreshold, io, { T, R, most }, R);
  plan.add(expertChoiceFwd, io, { T, R, R4, W: R, gate: GATE_CODES[dims.gate] }, perToken);
}
