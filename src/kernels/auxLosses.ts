import index from '../../shaders/common/index.wgsl?raw';
import numbers from '../../shaders/common/numbers.wgsl?raw';
import slots from '../../shaders/common/slots.wgsl?raw';
import step from '../../shaders/common/step.wgsl?raw';
import rows from '../../shaders/experts/rows.wgsl?raw';
import fwdSerial from '../../shaders/loss/auxLosses.fwd.serial.wgsl?raw';
import fwd from '../../shaders/loss/auxLosses.fwd.wgsl?raw';
import loadSerial from '../../shaders/loss/auxLosses.load.serial.wgsl?raw';
import load from '../../shaders/loss/auxLosses.load.wgsl?raw';
import type { KernelSpec } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import { pad4, type Slice } from '../gpu/slice.ts';
import { NOT_A_NUMBER } from './slots.ts';

export const auxLossesLoad = {
  name: 'auxLosses.load',
  source: load,
  preludes: [index, slots, step],
  bindings: {
    p_TR: 'read',
    g_TR: 'read',
    selected_WT: 'read',
    slots_R: 'read',
    domain_T: 'read',
    load_R8: 'readWrite',
    ring: 'readWrite',
  },
  dims: {
    T: 'u32',
    R: 'u32',
    R4: 'u32',
    W: 'u32',
    domains: 'u32',
    record: 'u32',
    offset: 'u32',
  },
  step: true,
} as const satisfies KernelSpec;

export const auxLossesLoadSerial = {
  ...auxLossesLoad,
  name: 'auxLosses.load.serial',
  source: loadSerial,
} as const satisfies KernelSpec;

export const auxLossesFwd = {
  name: 'auxLosses.fwd',
  source: fwd,
  preludes: [numbers, slots, rows, step],
  bindings: {
    load_R8: 'read',
    slots_R: 'read',
    table: 'read',
    aux_L5: 'readWrite',
    aux_dp_R: 'readWrite',
    ring: 'readWrite',
  },
  dims: {
    T: 'u32',
    R: 'u32',
    E: 'u32',
    layer: 'u32',
    record: 'u32',
    offset: 'u32',
    not_a_number: 'u32',
  },
  step: true,
} as const satisfies KernelSpec;

export const auxLossesFwdSerial = {
  ...auxLossesFwd,
  name: 'auxLosses.fwd.serial',
  source: fwdSerial,
} as const satisfies KernelSpec;

/** Most domains that the load counts tell apart (bins of workgroup memory). */
export const MAX_DOMAINS = 64;

export interface AuxLossDims {
  T: number;
  R: number;
  W: number;
  E: number;
  /** Index of the layer among the MoE layers: its row of aux_L5. */
  layer: number;
  domains: number;
  record: number;
  /** Where the layer's mean probabilities and gates, and its counts by domain start in a record. */
  meansOffset: number;
  domainsOffset: number;
}

/** The layer's loss terms, their gradients for p, and its load figures (docs/model.md, "Losses"). */
export function auxLossesForward(
  plan: PlanBuilder,
  io: {
    p_TR: Slice;
    g_TR: Slice;
    selected_WT: Slice;
    slots_R: Slice;
    domain_T: Slice;
    table: Slice;
    load_R8: Slice;
    aux_L5: Slice;
    aux_dp_R: Slice;
    ring: Slice;
  },
  dims: AuxLossDims,
): void {
  const { T, R, W, E, layer, domains, record } = dims;
  const counted = { T, R, R4: pad4(R) / 4, W, domains, record, offset: dims.domainsOffset };
  const values = { T, R, E, layer, record, offset: dims.meansOffset, not_a_number: NOT_A_NUMBER };
  if (plan.adapterClass === 'software') {
    plan.add(auxLossesLoadSerial, io, counted, Math.ceil(R / 8));
    plan.add(auxLossesFwdSerial, io, values, 1);
  } else {
    plan.add(auxLossesLoad, io, counted, R);
    plan.add(auxLossesFwd, io, values, 1);
  }
}
