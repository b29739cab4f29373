/** Operations of a surgery on the expert space: moving single floats, importance of hidden units. */
import index from '../../shaders/common/index.wgsl?raw';
import remapSource from '../../shaders/surgery/remap.fwd.wgsl?raw';
import unitImportanceSource from '../../shaders/surgery/unitImportance.fwd.wgsl?raw';
import type { KernelSpec } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import { pad4, type Slice } from '../gpu/slice.ts';

/** Source of an element that has none. */
export const NOWHERE = 0xffffffff;

export const remapFwd = {
  name: 'remap.fwd',
  source: remapSource,
  preludes: [index],
  bindings: { source_M: 'read', map_J2: 'read', fill_J: 'read', target_N: 'readWrite' },
  dims: { J: 'u32' },
} as const satisfies KernelSpec;

export const unitImportanceFwd = {
  name: 'unitImportance.fwd',
  source: unitImportanceSource,
  preludes: [index],
  bindings: { p_N: 'read', importance_U: 'readWrite' },
  dims: {
    D: 'u32',
    F: 'u32',
    gate: 'u32',
    up: 'u32',
    down: 'u32',
    row_D: 'u32',
    row_F: 'u32',
    first: 'u32',
  },
} as const satisfies KernelSpec;

/** target_N[map[j].0] = source_M[map[j].1], or fill_J[j] where that is NOWHERE; the rest stays. */
export function remap(
  plan: PlanBuilder,
  io: { source_M: Slice; map_J2: Slice; fill_J: Slice; target_N: Slice },
  { J }: { J: number },
): void {
  plan.add(remapFwd, io, { J }, Math.ceil(J / 64));
}

/**
 * importance_U[first + f] = ‖down[:, f]‖·(‖gate[f, :]‖ + ‖up[f, :]‖) of one FFN expert.
 * @param dims `gate`, `up`, `down`: where the matrices start in p_N, in floats
 */
export function unitImportance(
  plan: PlanBuilder,
  io: { p_N: Slice; importance_U: Slice },
  dims: { D: number; F: number; gate: number; up: number; down: number; first: number },
): void {
  const { D, F } = dims;
  const strides = { row_D: pad4(D), row_F: pad4(F) };
  plan.add(unitImportanceFwd, io, { ...dims, ...strides }, Math.ceil(F / 64));
}
