import columns from '../../shaders/common/columns.wgsl?raw';
import index from '../../shaders/common/index.wgsl?raw';
import reduce64 from '../../shaders/common/reduce64.wgsl?raw';
import row from '../../shaders/common/row.wgsl?raw';
import bwdW from '../../shaders/norm/rmsNorm.bwdW.wgsl?raw';
import bwdX from '../../shaders/norm/rmsNorm.bwdX.wgsl?raw';
import fwd from '../../shaders/norm/rmsNorm.fwd.wgsl?raw';
import { f32, type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';
import { addRows } from './bodies.ts';

export const rmsNormFwd = {
  name: 'rmsNorm.fwd',
  source: fwd,
  preludes: [index, row, reduce64],
  bindings: { ...read('x_TD', 'y_TD', 'w_D'), ...readWrite('x_sum_TD', 'normed_TD', 'rstd_T') },
  dims: { ...u32('T', 'D4', 'D', 'add'), ...f32('eps') },
} as const satisfies KernelSpec;

export const rmsNormBwdX = {
  name: 'rmsNorm.bwdX',
  source: bwdX,
  preludes: [index, row, reduce64],
  bindings: { ...read('dnormed_TD', 'x_TD', 'rstd_T', 'w_D'), ...readWrite('dx_TD') },
  dims: u32('T', 'D4', 'D', 'accumulate'),
} as const satisfies KernelSpec;

export const rmsNormBwdW = {
  name: 'rmsNorm.bwdW',
  source: bwdW,
  preludes: [index, columns],
  bindings: { ...read('dnormed_TD', 'x_TD', 'rstd_T'), ...readWrite('dw_D') },
  dims: u32('T', 'D4'),
} as const satisfies KernelSpec;

/** x_sum = x + y (y null: x_sum = x); normed = rmsnorm(x_sum, w). Saves x_sum and rstd. */
export function rmsNormForward(
  plan: PlanBuilder,
  io: {
    x_TD: Slice;
    y_TD: Slice | null;
    w_D: Slice;
    x_sum_TD: Slice;
    normed_TD: Slice;
    rstd_T: Slice;
  },
  dims: { T: number; D: number; eps: number },
): void {
  const { T, D, eps } = dims;
  const D4 = pad4(D) / 4;
  const buffers = { ...io, y_TD: io.y_TD ?? io.x_TD };
  const values = { T, D4, D, add: io.y_TD ? 1 : 0, eps };
  addRows(plan, rmsNormFwd, buffers, values, T);
}

/** dx (+)= gradient through the norm; dw is overwritten. */
export function rmsNormBackward(
  plan: PlanBuilder,
  io: { dnormed_TD: Slice; x_TD: Slice; rstd_T: Slice; w_D: Slice; dx_TD: Slice; dw_D: Slice },
  dims: { T: number; D: number; accumulate: boolean },
): void {
  const { T, D } = dims;
  const D4 = pad4(D) / 4;
  const values = { T, D4, D, accumulate: dims.accumulate ? 1 : 0 };
  addRows(plan, rmsNormBwdX, io, values, T);
  addRows(plan, rmsNormBwdW, io, { T, D4 }, D4);
}
