import index from '../../shaders/common/index.wgsl?raw';
import lanes from '../../shaders/common/lanes.wgsl?raw';
import numbers from '../../shaders/common/numbers.wgsl?raw';
import slots from '../../shaders/common/slots.wgsl?raw';
import bwd from '../../shaders/dispatch/combine.bwd.wgsl?raw';
import bwdX from '../../shaders/dispatch/combine.bwdX.wgsl?raw';
import fwd from '../../shaders/dispatch/combine.fwd.wgsl?raw';
import mixWeights from '../../shaders/dispatch/mixWeights.wgsl?raw';
import { type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';
import { addRows } from './bodies.ts';
import { OUTPUTS } from './lanes.ts';

const preludes = [index, numbers, slots, mixWeights];

export const combineFwd = {
  name: 'combine.fwd',
  source: fwd,
  preludes,
  bindings: {
    ...read('route_WT', 'y_JD', 'm_TD', 'mix_TC', 'v_CD', 'shared_TD'),
    ...readWrite('out_TD'),
  },
  constants: ['C', 'HAS_COPY', 'HAS_SHARED'],
  dims: u32('T', 'D4', 'W'),
} as const satisfies KernelSpec;

export const combineBwd = {
  name: 'combine.bwd',
  source: bwd,
  preludes: [index, lanes, numbers, slots, mixWeights],
  bindings: {
    ...read('route_WT', 'dout_TD', 'y_JD', 'm_TD', 'mix_TC', 'v_CD'),
    ...readWrite('dg_WT', 'dmix'),
  },
  constants: ['C', 'HAS_COPY'],
  dims: u32('T', 'D4', 'W', 'C4', 'v_offset'),
} as const satisfies KernelSpec;

export const combineBwdX = {
  name: 'combine.bwdX',
  source: bwdX,
  preludes,
  bindings: {
    ...read('route_WT', 'dm_JD', 'dout_TD', 'mix_TC', 'dshared_TD'),
    ...readWrite('dm_TD'),
  },
  constants: ['C', 'HAS_COPY', 'HAS_SHARED'],
  dims: u32('T', 'D4', 'W'),
} as const satisfies KernelSpec;

/** C = number of constant slots. */
export interface CombineDims {
  T: number;
  D: number;
  W: number;
  C: number;
  /** Whether any slot copies. */
  hasCopy: boolean;
}

/** Mixing logits [T, 4C] and vectors [C, D] of the constant slots. */
export interface ConstantBuffers {
  mix_TC: Slice;
  v_CD: Slice;
}

/** out = Σ g·E(m) + shared (docs/model.md, "5. Experts"). */
export function combineForward(
  plan: PlanBuilder,
  io: {
    route_WT: Slice;
    y_JD: Slice;
    m_TD: Slice;
    constants: ConstantBuffers | null;
    shared_TD: Slice | null;
    out_TD: Slice;
  },
  dims: CombineDims,
): void {
  const { T, D, W, C, hasCopy } = dims;
  const D4 = pad4(D) / 4;
  const buffers = {
    ...io,
    mix_TC: io.constants?.mix_TC ?? io.m_TD,
    v_CD: io.constants?.v_CD ?? io.m_TD,
    shared_TD: io.shared_TD ?? io.m_TD,
  };
  const constants = { C, HAS_COPY: hasCopy ? 1 : 0, HAS_SHARED: io.shared_TD ? 1 : 0 };
  plan.add(combineFwd, buffers, { T, D4, W }, Math.ceil((T * D4) / 64), constants);
}

/** dg_WT, and for constants the gradients of the mixing logits and g·a₂ (`vOffset` floats on). */
export function combineBackward(
  plan: PlanBuilder,
  io: {
    route_WT: Slice;
    dout_TD: Slice;
    y_JD: Slice;
    m_TD: Slice;
    constants: ConstantBuffers | null;
    dg_WT: Slice;
    dmix: Slice;
  },
  dims: CombineDims & { vOffset: number },
): void {
  const { T, D, W, C, hasCopy, vOffset } = dims;
  const buffers = {
    ...io,
    mix_TC: io.constants?.mix_TC ?? io.m_TD,
    v_CD: io.constants?.v_CD ?? io.m_TD,
  };
  const values = { T, D4: pad4(D) / 4, W, C4: pad4(C) / 4, v_offset: vOffset };
  const constants = { C, HAS_COPY: hasCopy ? 1 : 0 };
  addRows(plan, combineBwd, buffers, values, Math.ceil((W * T) / OUTPUTS), constants);
}

/** dm_TD += the experts' rows, copies, constants and the shared expert's part. */
export function combineBackwardX(
  plan: PlanBuilder,
  io: {
    route_WT: Slice;
    dm_JD: Slice;
    dout_TD: Slice;
    constants: ConstantBuffers | null;
    dshared_TD: Slice | null;
    dm_TD: Slice;
  },
  dims: CombineDims,
): void {
  const { T, D, W, C, hasCopy } = dims;
  const D4 = pad4(D) / 4;
  const buffers = {
    ...io,
    mix_TC: io.constants?.mix_TC ?? io.dout_TD,
    dshared_TD: io.dshared_TD ?? io.dout_TD,
  };
  const constants = { C, HAS_COPY: hasCopy ? 1 : 0, HAS_SHARED: io.dshared_TD ? 1 : 0 };
  plan.add(combineBwdX, buffers, { T, D4, W }, Math.ceil((T * D4) / 64), constants);
}
