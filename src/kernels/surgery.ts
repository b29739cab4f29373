/** Operations of a surgery on the expert space: moving parameters, importance of hidden units. */
import index from '../../shaders/common/index.wgsl?raw';
import moveMatrixSource from '../../shaders/surgery/moveMatrix.fwd.wgsl?raw';
import remapSource from '../../shaders/surgery/remap.fwd.wgsl?raw';
import unitImportanceSource from '../../shaders/surgery/unitImportance.fwd.wgsl?raw';
import { type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';

/** Place of a row or column that has no source. */
export const NOWHERE = 0xffffffff;

export const moveMatrixFwd = {
  name: 'moveMatrix.fwd',
  source: moveMatrixSource,
  preludes: [index],
  bindings: { ...read('source_M', 'places_P'), ...readWrite('target_N') },
  dims: u32('R', 'C', 'source', 'source_row', 'target_start', 'target_row', 'rows', 'cols'),
} as const satisfies KernelSpec;

export const remapFwd = {
  name: 'remap.fwd',
  source: remapSource,
  preludes: [index],
  bindings: { ...read('source_M', 'map_J2'), ...readWrite('target_N') },
  dims: u32('J'),
} as const satisfies KernelSpec;

export const unitImportanceFwd = {
  name: 'unitImportance.fwd',
  source: unitImportanceSource,
  preludes: [index],
  bindings: { ...read('p_N'), ...readWrite('importance_U') },
  dims: u32('D', 'F', 'gate', 'up', 'down', 'row_D', 'row_F', 'first'),
} as const satisfies KernelSpec;

/** A matrix of R rows and C columns in each buffer; starts and row strides in floats. */
export interface MatrixDims {
  R: number;
  C: number;
  source: number;
  source_row: number;
  target_start: number;
  target_row: number;
  /** Where its lists of source rows [R] and columns [C] start in places_P. */
  rows: number;
  cols: number;
}

/** target[r, c] = source[rows[r], cols[c]]; elements of a row or column from NOWHERE stay. */
export function moveMatrix(
  plan: PlanBuilder,
  io: { source_M: Slice; places_P: Slice; target_N: Slice },
  dims: MatrixDims,
): void {
  plan.add(moveMatrixFwd, io, { ...dims }, Math.ceil((dims.R * dims.C) / 64));
}

/** target_N[map[j].0] = source_M[map[j].1]; the rest stays. */
export function remap(
  plan: PlanBuilder,
  io: { source_M: Slice; map_J2: Slice; target_N: Slice },
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
