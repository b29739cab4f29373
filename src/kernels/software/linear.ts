/** linear.ts for adapters without a GPU: one kernel to compile for all three, told apart by strides. */
import source from '../../../shaders/matmul/software/linear.product.wgsl?raw';
import { type KernelSpec, read, readWrite, u32 } from '../../gpu/kernel.ts';
import type { PlanBuilder } from '../../gpu/plan.ts';
import type { Slice } from '../../gpu/slice.ts';
import { pad4 } from '../../layout/sizes.ts';
import type { LinearDims } from '../linear.ts';
import { QUAD_DIRECTIVES, QUAD_TILE } from './quads.ts';

export const linearProduct = {
  name: 'linear.product',
  source,
  directives: QUAD_DIRECTIVES,
  preludes: QUAD_TILE,
  bindings: { ...read('a', 'b'), ...readWrite('c') },
  dims: {
    ...u32('rows', 'cols4', 'terms', 'col_tiles'),
    ...u32('row_a', 'term_a', 'col_b', 'term_b', 'accumulate'),
  },
} as const satisfies KernelSpec;

/** Rows, columns and terms of a product, and the steps from one to the next in its operands. */
interface Product {
  rows: number;
  cols: number;
  terms: number;
  row_a: number;
  term_a: number;
  col_b: number;
  term_b: number;
}

/** c (+)= a·bᵀ; `dims` are those of the operation. */
function addProduct(
  plan: PlanBuilder,
  operation: string,
  io: { a: Slice; b: Slice; c: Slice },
  { rows, cols, ...strides }: Product,
  { T, N, K, accumulate }: LinearDims,
): void {
  const colTiles = Math.ceil(cols / 32);
  const dims = {
    T,
    N4: pad4(N) / 4,
    K4: pad4(K) / 4,
    rows,
    cols4: cols / 4,
    col_tiles: colTiles,
    accumulate: accumulate ? 1 : 0,
    ...strides,
  };
  const tiles = Math.ceil(rows / 64) * colTiles;
  plan.add({ ...linearProduct, operation }, io, dims, tiles);
}

/** y_TN (+)= x_TK · w_NKᵀ */
export function linearForward(
  plan: PlanBuilder,
  io: { x_TK: Slice; w_NK: Slice; y_TN: Slice },
  dims: LinearDims,
): void {
  const [N, K] = [pad4(dims.N), pad4(dims.K)];
  const slices = { a: io.x_TK, b: io.w_NK, c: io.y_TN };
  const strides = { row_a: K, term_a: 1, col_b: K, term_b: 1 };
  addProduct(plan, 'linear.fwd', slices, { rows: dims.T, cols: N, terms: K, ...strides }, dims);
}

/** dx_TK (+)= dy_TN · w_NK */
export function linearBackwardX(
  plan: PlanBuilder,
  io: { dy_TN: Slice; w_NK: Slice; dx_TK: Slice },
  dims: LinearDims,
): void {
  const [N, K] = [pad4(dims.N), pad4(dims.K)];
  const slices = { a: io.dy_TN, b: io.w_NK, c: io.dx_TK };
  const strides = { row_a: N, term_a: 1, col_b: 1, term_b: K };
  addProduct(plan, 'linear.bwdX', slices, { rows: dims.T, cols: K, terms: N, ...strides }, dims);
}

/** dw_NK (+)= dy_TNᵀ · x_TK */
export function linearBackwardW(
  plan: PlanBuilder,
  io: { dy_TN: Slice; x_TK: Slice; dw_NK: Slice },
  dims: LinearDims,
): void {
  const [N, K] = [pad4(dims.N), pad4(dims.K)];
  const slices = { a: io.dy_TN, b: io.x_TK, c: io.dw_NK };
  const strides = { row_a: 1, term_a: N, col_b: 1, term_b: K };
  addProduct(plan, 'linear.bwdW', slices, { rows: N, cols: K, terms: dims.T, ...strides }, dims);
}
