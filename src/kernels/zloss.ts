import index from '../../shaders/common/index.wgsl?raw';
import numbers from '../../shaders/common/numbers.wgsl?raw';
import reduce64 from '../../shaders/common/reduce64.wgsl?raw';
import row from '../../shaders/common/row.wgsl?raw';
import step from '../../shaders/common/step.wgsl?raw';
import terms from '../../shaders/loss/terms.wgsl?raw';
import bwd from '../../shaders/loss/zloss.bwd.wgsl?raw';
import fwd from '../../shaders/loss/zloss.fwd.wgsl?raw';
import sum from '../../shaders/loss/zloss.sum.wgsl?raw';
import { type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';
import { addRows } from './bodies.ts';

export const zlossFwd = {
  name: 'zloss.fwd',
  source: fwd,
  preludes: [index, numbers],
  bindings: { ...read('z_TR'), ...readWrite('lse_T') },
  dims: u32('T', 'R', 'R4'),
} as const satisfies KernelSpec;

export const zlossSum = {
  name: 'zloss.sum',
  source: sum,
  preludes: [index, step, terms, row, reduce64],
  bindings: { ...read('lse_T'), ...readWrite('aux_LA') },
  dims: u32('T', 'layer'),
  step: true,
} as const satisfies KernelSpec;

export const zlossBwd = {
  name: 'zloss.bwd',
  source: bwd,
  preludes: [index, step],
  bindings: { ...read('z_TR', 'lse_T'), ...readWrite('dz_TR') },
  dims: u32('T', 'R', 'R4'),
  step: true,
} as const satisfies KernelSpec;

interface Rows {
  T: number;
  R: number;
}

/** lse_T = log Σ exp z over the slots that are left. */
export function logSumExp(
  plan: PlanBuilder,
  io: { z_TR: Slice; lse_T: Slice },
  { T, R }: Rows,
): void {
  plan.add(zlossFwd, io, { T, R, R4: pad4(R) / 4 }, Math.ceil(T / 64));
}

/**
 * The layer's router z-loss into its row of aux_LA (docs/balancing.md, "Losses").
 * @param dims `layer` counts MoE layers
 */
export function zlossForward(
  plan: PlanBuilder,
  io: { z_TR: Slice; lse_T: Slice; aux_LA: Slice },
  dims: Rows & { layer: number },
): void {
  const { T, layer } = dims;
  logSumExp(plan, io, dims);
  addRows(plan, zlossSum, io, { T, layer }, 1);
}

/** Adds the z-loss's gradient to dz_TR. */
export function zlossBackward(
  plan: PlanBuilder,
  io: { z_TR: Slice; lse_T: Slice; dz_TR: Slice },
  { T, R }: Rows,
): void {
  plan.add(zlossBwd, io, { T, R, R4: pad4(R) / 4 }, Math.ceil(T / 64));
}
