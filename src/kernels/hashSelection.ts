import index from '../../shaders/common/index.wgsl?raw';
import numbers from '../../shaders/common/numbers.wgsl?raw';
import slots from '../../shaders/common/slots.wgsl?raw';
import codes from '../../shaders/router/codes.wgsl?raw';
import gates from '../../shaders/router/gates.wgsl?raw';
import source from '../../shaders/router/routerTopk.hash.wgsl?raw';
import type { GateMode } from '../config/experiment.ts';
import { type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';
import { GATE_CODES } from './codes.ts';

export const routerTopkHash = {
  name: 'routerTopk.hash',
  source,
  preludes: [index, numbers, slots, codes, gates],
  bindings: {
    ...read('z_TR', 'slots_R', 'tokens_T', 'table_VW'),
    ...readWrite('p_TR', 'g_TR', 'selected_WT'),
  },
  dims: u32('T', 'R', 'R4', 'W', 'gate'),
} as const satisfies KernelSpec;

/**
 * The slots of every token's row of the table and their gates, in place of those that
 * `routerTopkForward` left (docs/balancing.md, "Hash selection").
 */
export function hashForward(
  plan: PlanBuilder,
  io: {
    z_TR: Slice;
    slots_R: Slice;
    tokens_T: Slice;
    table_VW: Slice;
    p_TR: Slice;
    g_TR: Slice;
    selected_WT: Slice;
  },
  dims: { T: number; R: number; W: number; gate: GateMode },
): void {
  const { T, R, W } = dims;
  const values = { T, R, R4: pad4(R) / 4, W, gate: GATE_CODES[dims.gate] };
  plan.add(routerTopkHash, io, values, Math.ceil(T / 64));
}
