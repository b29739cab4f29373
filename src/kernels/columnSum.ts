import columnSumSource from '../../shaders/common/columnSum.wgsl?raw';
import columns from '../../shaders/common/columns.wgsl?raw';
import index from '../../shaders/common/index.wgsl?raw';
import { type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';
import { addRows } from './bodies.ts';

export const columnSumSpec = {
  name: 'columnSum',
  source: columnSumSource,
  preludes: [index, columns],
  bindings: { ...read('x_TC'), ...readWrite('out_C') },
  dims: u32('T', 'C4'),
} as const satisfies KernelSpec;

/** out_C = Σ_t x_TC, C padded to a multiple of 4. */
export function columnSum(
  plan: PlanBuilder,
  io: { x_TC: Slice; out_C: Slice },
  dims: { T: number; C: number },
): void {
  const C4 = pad4(dims.C) / 4;
  addRows(plan, columnSumSpec, io, { T: dims.T, C4 }, C4);
}
