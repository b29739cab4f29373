import bwdW from '../../shaders/matmul/linear.bwdW.wgsl?raw';
import bwdX from '../../shaders/matmul/linear.bwdX.wgsl?raw';
import fwd from '../../shaders/matmul/linear.fwd.wgsl?raw';
import type { KernelSpec } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import { pad4, type Slice } from '../gpu/slice.ts';
import { tileConstants, tileGrid, tileShape, withTile } from './matmul.ts';

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
  dims,
} as const satisfies KernelSpec;

/** T rows, N outputs, K inputs; N and K are padded widths or are padded to multiples of 4 here. */
export interface LinearDims {
  T: number;
  N: number;
  K: number;
  /** Add to what the output holds instead of overwriting it. */
  accumulate?: boolean;
}

function sizes(plan: PlanBuilder, { T, N, K, accumulate }: LinearDims, rows: number, cols: number) {
  const shape = tileShape(rows, cols);
  const { colTiles, tiles } = tileGrid(rows, cols, shape);
  const values = {
    T,
    N4: pad4(N) / 4,
    K4: pad4(K) / 4,
    col_tiles: colTiles,
    accumulate: accumulate ? 1 : 0,
  };
  return { values, tiles, constants: tileConstants(shape, plan.adapterClass) };
}

/** y_TN (+)= x_TK · w_NKᵀ */
export function linearForward(
  plan: PlanBuilder,
  io: { x_TK: Slice; w_NK: Slice; y_TN: Slice },
  dims: LinearDims,
): void {
  const { values, tiles, constants } = sizes(plan, dims, dims.T, pad4(dims.N));
  plan.add(withTile(linearFwd, plan), io, values, tiles, constants);
}

/** dx_TK (+)= dy_TN · w_NK */
export function linearBackwardX(
  plan: PlanBuilder,
  io: { dy_TN: Slice; w_NK: Slice; dx_TK: Slice },
  dims: LinearDims,
): void {
  const { values, tiles, constants } = sizes(plan, dims, dims.T, pad4(dims.K));
  plan.add(withTile(linearBwdX, plan), io, values, tiles, constants);
}

/** dw_NK (+)= dy_TNᵀ · x_TK */
export function linearBackwardW(
  plan: PlanBuilder,
  io: { dy_TN: Slice; x_TK: Slice; dw_NK: Slice },
  dims: LinearDims,
): void {
  const { values, tiles, constants } = sizes(plan, dims, pad4(dims.N), pad4(dims.K));
  plan.add(withTile(linearBwdW, plan), io, values, tiles, constants);
}
