import index from '../../shaders/common/index.wgsl?raw';
import mix32 from '../../shaders/common/mix32.wgsl?raw';
import numbers from '../../shaders/common/numbers.wgsl?raw';
import reduce64 from '../../shaders/common/reduce64.wgsl?raw';
import row from '../../shaders/common/row.wgsl?raw';
import step from '../../shaders/common/step.wgsl?raw';
import fwd from '../../shaders/router/pool.fwd.wgsl?raw';
import mask from '../../shaders/router/pool.mask.wgsl?raw';
import preferences from '../../shaders/router/pool.preferences.wgsl?raw';
import type { Pool } from '../config/experiment.ts';
import { type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';
import { logSumExp } from './balancingLosses.ts';
import { addRows } from './bodies.ts';

export const poolPreferences = {
  name: 'pool.preferences',
  source: preferences,
  preludes: [index, row, reduce64],
  bindings: { ...read('z_TR', 'lse_T'), ...readWrite('pi_BR') },
  dims: u32('B', 'S', 'R', 'R4'),
} as const satisfies KernelSpec;

export const poolFwd = {
  name: 'pool.fwd',
  source: fwd,
  preludes: [index, step, mix32],
  bindings: { ...read('pi_BR'), ...readWrite('pool_BR') },
  dims: u32('B', 'R', 'layer', 'least', 'most', 'evaluation'),
  step: true,
} as const satisfies KernelSpec;

export const poolMask = {
  name: 'pool.mask',
  source: mask,
  preludes: [index, numbers],
  bindings: { ...read('z_TR', 'pool_BR'), ...readWrite('left_TR') },
  dims: u32('T', 'S', 'R', 'R4'),
} as const satisfies KernelSpec;

/**
 * The pool of every sequence, and the logits that it leaves: `left_TR` (docs/balancing.md,
 * "Document pools"). The size is drawn in training, and that of evaluation else.
 */
export function poolForward(
  plan: PlanBuilder,
  io: { z_TR: Slice; lse_T: Slice; pi_BR: Slice; pool_BR: Slice; left_TR: Slice },
  dims: { B: number; S: number; R: number; layer: number; pool: Pool },
): void {
  const { B, S, R, layer, pool } = dims;
  const T = B * S;
  const R4 = pad4(R) / 4;
  const { min, max } = 'size' in pool ? { min: pool.size, max: pool.size } : pool;
  const sizes = { least: min, most: max, evaluation: pool.evaluation ?? R };
  logSumExp(plan, io, { T, R });
  addRows(plan, poolPreferences, io, { B, S, R, R4 }, B * R);
  plan.add(poolFwd, io, { B, R, layer, ...sizes }, Math.ceil((B * R) / 64));
  plan.add(poolMask, io, { T, S, R, R4 }, Math.ceil((T * R4 * 4) / 64));
}
