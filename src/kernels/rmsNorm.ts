import index from '../../shaders/common/index.wgsl?raw';
import reduce64 from '../../shaders/common/reduce64.wgsl?raw';
import bwdWSerial from '../../shaders/norm/rmsNorm.bwdW.serial.wgsl?raw';
import bwdW from '../../shaders/norm/rmsNorm.bwdW.wgsl?raw';
import bwdXSerial from '../../shaders/norm/rmsNorm.bwdX.serial.wgsl?raw';
import bwdX from '../../shaders/norm/rmsNorm.bwdX.wgsl?raw';
import fwdSerial from '../../shaders/norm/rmsNorm.fwd.serial.wgsl?raw';
import fwd from '../../shaders/norm/rmsNorm.fwd.wgsl?raw';
import type { KernelSpec } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import { pad4, type Slice } from '../gpu/slice.ts';

export const rmsNormFwd = {
  name: 'rmsNorm.fwd',
  source: fwd,
  preludes: [index, reduce64],
  bindings: {
    x_TD: 'read',
    y_TD: 'read',
    w_D: 'read',
    x_sum_TD: 'readWrite',
    normed_TD: 'readWrite',
    rstd_T: 'readWrite',
  },
  dims: { T: 'u32', D4: 'u32', D: 'u32', add: 'u32', eps: 'f32' },
} as const satisfies KernelSpec;

export const rmsNormBwdX = {
  name: 'rmsNorm.bwdX',
  source: bwdX,
  preludes: [index, reduce64],
  bindings: {
    dnormed_TD: 'read',
    x_TD: 'read',
    rstd_T: 'read',
    w_D: 'read',
    dx_TD: 'readWrite',
  },
  dims: { T: 'u32', D4: 'u32', D: 'u32', accumulate: 'u32' },
} as const satisfies KernelSpec;

export const rmsNormBwdW = {
  name: 'rmsNorm.bwdW',
  source: bwdW,
  preludes: [index],
  bindings: { dnormed_TD: 'read', x_TD: 'read', rstd_T: 'read', dw_D: 'readWrite' },
  dims: { T: 'u32', D4: 'u32' },
} as const satisfies KernelSpec;

export const rmsNormFwdSerial = {
  ...rmsNormFwd,
  name: 'rmsNorm.fwd.serial',
  source: fwdSerial,
  preludes: [index],
} as const satisfies KernelSpec;

export const rmsNormBwdXSerial = {
  ...rmsNormBwdX,
  name: 'rmsNorm.bwdX.serial',
  source: bwdXSerial,
  preludes: [index],
} as const satisfies KernelSpec;

export const rmsNormBwdWSerial = {
  ...rmsNormBwdW,
  name: 'rmsNorm.bwdW.serial',
  source: bwdWSerial,
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
  if (plan.adapterClass === 'software') {
    plan.add(rmsNormFwdSerial, buffers, values, Math.ceil(T / 64));
  } else {
    plan.add(rmsNormFwd, buffers, values, T);
  }
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
  if (plan.adapterClass === 'software') {
    plan.add(rmsNormBwdXSerial, io, values, Math.ceil(T / 64));
    plan.add(rmsNormBwdWSerial, io, { T, D4 }, Math.ceil(D4 / 8));
  } else {
    plan.add(rmsNormBwdX, io, values, T);
    plan.add(rmsNormBwdW, io, { T, D4 }, D4);
  }
}
