/** Products of a few rows, as a plan that decodes has them: bodies without tiles (bodies.ts, `giveFewRows`). */
import index from '../../shaders/common/index.wgsl?raw';
import lanes from '../../shaders/common/lanes.wgsl?raw';
import numbers from '../../shaders/common/numbers.wgsl?raw';
import down from '../../shaders/experts/expertDown.rows.wgsl?raw';
import up from '../../shaders/experts/expertUp.rows.wgsl?raw';
import findExpert from '../../shaders/experts/findExpert.wgsl?raw';
import rows from '../../shaders/experts/rows.wgsl?raw';
import linear from '../../shaders/matmul/linear.rows.wgsl?raw';
import { type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';
import { addRows, type FewRows } from './bodies.ts';
import type { ExpertBuffers } from './expertBuffers.ts';
import { OUTPUTS } from './lanes.ts';
import type { LinearDims } from './linear.ts';
import type { RowTableShape } from './rowTable.ts';

export const linearRows = {
  name: 'linear.rows',
  source: linear,
  preludes: [index, lanes],
  constants: ['ROWS'],
  bindings: { ...read('x_TK', 'w_NK'), ...readWrite('y_TN') },
  dims: u32('T', 'N4', 'K4', 'accumulate'),
} as const satisfies KernelSpec;

export const expertUpRows = {
  name: 'expertUp.rows',
  source: up,
  preludes: [index, lanes, numbers, rows, findExpert],
  bindings: {
    ...read('table', 'experts_E', 'row_token_J', 'm_TD', 'w'),
    ...readWrite('hidden_JF'),
  },
  dims: u32('E', 'D4', 'Fmax4'),
} as const satisfies KernelSpec;

export const expertDownRows = {
  name: 'expertDown.rows',
  source: down,
  preludes: [index, lanes, rows, findExpert],
  bindings: { ...read('table', 'experts_E', 'hidden_JF', 'w'), ...readWrite('y_JD') },
  dims: u32('E', 'D4', 'Fmax4'),
} as const satisfies KernelSpec;

/** Most rows for which these bodies are worth their many readings of the weights. */
export const MOST_ROWS = 8;
/** Rows for which a weight is read once. */
const ROWS_AT_ONCE = 4;

/** y_TN (+)= x_TK · w_NKᵀ */
export function linearForward(
  plan: PlanBuilder,
  io: { x_TK: Slice; w_NK: Slice; y_TN: Slice },
  { T, N, K, accumulate }: LinearDims,
): void {
  const ROWS = Math.min(T, ROWS_AT_ONCE);
  const dims = { T, N4: pad4(N) / 4, K4: pad4(K) / 4, accumulate: accumulate ? 1 : 0 };
  const outputs = Math.ceil(T / ROWS) * pad4(N);
  addRows(plan, linearRows, io, dims, Math.ceil(outputs / OUTPUTS), { ROWS });
}

/** y_JD = SwiGLU experts of m_TD, rows in expert order, unscaled. Leaves gate_up_JF as it is. */
export function expertsForward(
  plan: PlanBuilder,
  io: ExpertBuffers & { m_TD: Slice; y_JD: Slice },
  { D, hidden, maxRows }: RowTableShape,
): void {
  const Fmax = pad4(Math.max(...hidden));
  const dims = { E: hidden.length, D4: pad4(D) / 4, Fmax4: Fmax / 4 };
  addRows(plan, expertUpRows, io, dims, Math.ceil((maxRows * Fmax) / OUTPUTS));
  addRows(plan, expertDownRows, io, dims, Math.ceil((maxRows * pad4(D)) / OUTPUTS));
}

export const FEW_ROWS: FewRows = { linearForward, expertsForward };
