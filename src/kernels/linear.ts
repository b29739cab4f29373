import index from '../../shaders/common/index.wgsl?raw';
import bwdW from '../../shaders/matmul/linear.bwdW.wgsl?raw';
import bwdWSum from '../../shaders/matmul/linear.bwdWSum.wgsl?raw';
import bwdX from '../../shaders/matmul/linear.bwdX.wgsl?raw';
import fwd from '../../shaders/matmul/linear.fwd.wgsl?raw';
import product from '../../shaders/matmul/linear.product.wgsl?raw';
import type { KernelSpec } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import { pad4, type Slice } from '../gpu/slice.ts';
import { tileConstants, tileGrid, tileShape, withQuadTile, withWorkgroupTile } from './matmul.ts';

const dims = { T: 'u32', N4: 'u32', K4: 'u32', col_tiles: 'u32', accumulate: 'u32' } as const;
const constants = ['TM', 'TN', 'ROW_STEP', 'COL_STEP'];

export const linearFwd = {
  name: 'linear.fwd',
  source: fwd,
  constants,
  bindings: { x_TK: 'read', w_NK: 'read', y_TN: 'readWrite' },
  dims,
} as const satisfies KernelSpec;

export const linearBwdX = {
  name: 'linear.bwdX',
  source: bwdX,
  constants,
  bindings: { dy_TN: 'read', w_NK: 'read', dx_TK: 'readWrite' },
  dims,
} as const satisfies KernelSpec;

export const linearBwdW = {
  name: 'linear.bwdW',
  source: bwdW,
  constants,
  bindings: { dy_TN: 'read', x_TK: 'read', dw_NK: 'readWrite' },
  dims: { ...dims, tiles: 'u32', slice_blocks: 'u32' },
} as const satisfies KernelSpec;

export const linearBwdWSum = {
  name: 'linear.bwdWSum',
  source: bwdWSum,
  preludes: [index],
  bindings: { slices_SNK: 'read', dw_NK: 'readWrite' },
  dims: { slices: 'u32', vectors: 'u32', accumulate: 'u32' },
} as const satisfies KernelSpec;

/** The three of them for software adapters: one kernel to compile, told apart by strides. */
export const linearProduct = {
  name: 'linear.product',
  source: product,
  bindings: { a: 'read', b: 'read', c: 'readWrite' },
  dims: {
    rows: 'u32',
    cols4: 'u32',
    terms: 'u32',
    col_tiles: 'u32',
    row_a: 'u32',
    term_a: 'u32',
    col_b: 'u32',
    term_b: 'u32',
    accumulate: 'u32',
  },
} as const satisfies KernelSpec;

/** T rows, N outputs, K inputs; N and K are padded widths or are padded to multiples of 4 here. */
export interface LinearDims {
  T: number;
  N: number;
  K: number;
  /** Add to what the output holds instead of overwriting it. */
  accumulate?: boolean;
}

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

/** c (+)= a·bᵀ on a software adapter; `dims` are those of the operation. */
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
  plan.add(withQuadTile(linearProduct, operation), io, dims, tiles);
}

function sizes({ T, N, K, accumulate }: LinearDims, rows: number, cols: number) {
  const shape = tileShape(rows, cols);
  const { colTiles, tiles } = tileGrid(rows, cols, shape);
  const values = {
    T,
    N4: pad4(N) / 4,
    K4: pad4(K) / 4,
    col_tiles: colTiles,
    accumulate: accumulate ? 1 : 0,
  };
  return { values, tiles, constants: tileConstants(shape) };
}

/** y_TN (+)= x_TK · w_NKᵀ */
export function linearForward(
  plan: PlanBuilder,
  io: { x_TK: Slice; w_NK: Slice; y_TN: Slice },
  dims: LinearDims,
): void {
  const [N, K] = [pad4(dims.N), pad4(dims.K)];
  if (plan.usesQuads) {
    const slices = { a: io.x_TK, b: io.w_NK, c: io.y_TN };
    const strides = { row_a: K, term_a: 1, col_b: K, term_b: 1 };
    addProduct(plan, 'linear.fwd', slices, { rows: dims.T, cols: N, terms: K, ...strides }, dims);
    return;
  }
  const { values, tiles, constants } = sizes(dims, dims.T, N);
  plan.add(withWorkgroupTile(linearFwd), io, values, tiles, constants);
}

/** dx_TK (+)= dy_TN · w_NK */
export function linearBackwardX(
  plan: PlanBuilder,
  io: { dy_TN: Slice; w_NK: Slice; dx_TK: Slice },
  dims: LinearDims,
): void {
  const [N, K] = [pad4(dims.N), pad4(dims.K)];
  if (plan.usesQuads) {
    const slices = { a: io.dy_TN, b: io.w_NK, c: io.dx_TK };
    const strides = { row_a: N, term_a: 1, col_b: 1, term_b: K };
    addProduct(plan, 'linear.bwdX', slices, { rows: dims.T, cols: K, terms: N, ...strides }, dims);
    return;
  }
  const { values, tiles, constants } = sizes(dims, dims.T, K);
  plan.add(withWorkgroupTile(linearBwdX), io, values, tiles, constants);
}

/** Tokens of one slice of a sum over tokens, and the most slices. */
const SLICE_TOKENS = 1024;
const MAX_SLICES = 8;
/** Workgroups that keep a GPU busy: sums with as many are not sliced. */
const BUSY = 64;

/**
 * Slices of tokens in which a small weight's gradient is summed, so that more workgroups share a long
 * sum; 1 where it has enough of them. It depends on the sizes only, so runs repeat bit for bit.
 */
export function weightSlices({ T, N, K }: LinearDims): number {
  const [rows, cols] = [pad4(N), pad4(K)];
  const { tiles } = tileGrid(rows, cols, tileShape(rows, cols));
  const wanted = Math.min(MAX_SLICES, Math.ceil(T / SLICE_TOKENS), Math.floor(BUSY / tiles));
  return Math.max(1, wanted);
}

/** Floats of scratch that `linearBackwardW` needs on GPUs: its slices, none where there is only one. */
export function weightSliceFloats(dims: LinearDims): number {
  const slices = weightSlices(dims);
  return slices > 1 ? slices * pad4(dims.N) * pad4(dims.K) : 0;
}

/**
 * dw_NK (+)= dy_TNᵀ · x_TK
 * @param scratch `weightSliceFloats` floats, asked for where they are needed; without it, one slice
 */
export function linearBackwardW(
  plan: PlanBuilder,
  io: { dy_TN: Slice; x_TK: Slice; dw_NK: Slice },
  dims: LinearDims,
  scratch?: () => Slice,
): void {
  const [N, K] = [pad4(dims.N), pad4(dims.K)];
  if (plan.usesQuads) {
    const slices = { a: io.dy_TN, b: io.x_TK, c: io.dw_NK };
    const strides = { row_a: 1, term_a: N, col_b: 1, term_b: K };
    const product = { rows: N, cols: K, terms: dims.T, ...strides };
    addProduct(plan, 'linear.bwdW', slices, product, dims);
    return;
  }
  const { values, tiles, constants } = sizes(dims, N, K);
  const slices = scratch ? weightSlices(dims) : 1;
  const slice_blocks = Math.ceil(Math.ceil(dims.T / 4) / slices);
  const each = { ...values, tiles, slice_blocks };
  if (!scratch || slices === 1) {
    plan.add(withWorkgroupTile(linearBwdW), io, each, tiles, constants);
    return;
  }
  const slices_SNK = scratch();
  const sums = { ...io, dw_NK: slices_SNK };
  plan.add(
    withWorkgroupTile(linearBwdW),
    sums,
    { ...each, accumulate: 0 },
    slices * tiles,
    constants,
  );
  const total = { slices, vectors: (N * K) / 4, accumulate: values.accumulate };
  plan.add(linearBwdWSum, { slices_SNK, dw_NK: io.dw_NK }, total, Math.ceil(total.vectors / 64));
}
