import index from '../../shaders/common/index.wgsl?raw';
import numbers from '../../shaders/common/numbers.wgsl?raw';
import slots from '../../shaders/common/slots.wgsl?raw';
import step from '../../shaders/common/step.wgsl?raw';
import rows from '../../shaders/experts/rows.wgsl?raw';
import fwd from '../../shaders/loss/auxLosses.fwd.wgsl?raw';
import load from '../../shaders/loss/auxLosses.load.wgsl?raw';
import terms from '../../shaders/loss/terms.wgsl?raw';
import { type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';
import { addRows } from './bodies.ts';
import { NOT_A_NUMBER } from './slots.ts';

export const auxLossesLoad = {
  name: 'auxLosses.load',
  source: load,
  preludes: [index, numbers, slots, step],
  bindings: {
    ...read('p_TR', 'g_TR', 'selected_WT', 'slots_R', 'domain_T'),
    ...readWrite('load_R8', 'ring'),
  },
  dims: u32('T', 'R', 'R4', 'W', 'domains', 'record', 'offset'),
  step: true,
} as const satisfies KernelSpec;

export const auxLossesFwd = {
  name: 'auxLosses.fwd',
  source: fwd,
  preludes: [numbers, slots, rows, step, terms],
  bindings: { ...read('load_R8', 'slots_R', 'table'), ...readWrite('aux_LA', 'aux_dp_R', 'ring') },
  dims: u32('T', 'R', 'E', 'layer', 'record', 'offset', 'not_a_number'),
  step: true,
} as const satisfies KernelSpec;

export interface AuxLossDims {
  T: number;
  R: number;
  W: number;
  E: number;
  /** Index of the layer among the MoE layers: its row of aux_LA. */
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
    aux_LA: Slice;
    aux_dp_R: Slice;
    ring: Slice;
  },
  dims: AuxLossDims,
): void {
  const { T, R, W, E, layer, domains, record } = dims;
  const counted = { T, R, R4: pad4(R) / 4, W, domains, record, offset: dims.domainsOffset };
  const values = { T, R, E, layer, record, offset: dims.meansOffset, not_a_number: NOT_A_NUMBER };
  addRows(plan, auxLossesLoad, io, counted, R);
  addRows(plan, auxLossesFwd, io, values, 1);
}
