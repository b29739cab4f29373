import index from '../../shaders/common/index.wgsl?raw';
import bwdW from '../../shaders/matmul/linear.bwdW.wgsl?raw';
import bwdWSum from '../../shaders/matmul/linear.bwdWSum.wgsl?raw';
import bwdX from '../../shaders/matmul/linear.bwdX.wgsl?raw';
import fwd from '../../shaders/matmul/linear.fwd.wgsl?raw';
import main from '../../shaders/matmul/linear.main.wgsl?raw';
import { type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';
import { busyTile, type TileShape, tileGrid } from '../layout/tiles.ts';
import { weightTiling } from '../layout/weightSlices.ts';
import { TILE, TILE_CONSTANTS, tileConstants } from './matmul.ts';

const dims = u32('T', 'N4', 'K4', 'col_tiles', 'accumulate', 'tiles');
const product = { constants: TILE_CONSTANTS, preludes: [...TILE, main], dims };

export const linearFwd = {
  ...product,
  name: 'linear.fwd',
  source: fwd,
  bindings: { ...read('x_TK', 'w_NK'), ...readWrite('y_TN') },
} as const satisfies KernelSpec;

export const linearBwdX = {
  ...product,
  name: 'linear.bwdX',
  source: bwdX,
  bindings: { ...read('dy_TN', 'w_NK'), ...readWrite('dx_TK') },
} as const satisfies KernelSpec;

export const linearBwdW = {
  ...product,
  name: 'linear.bwdW',
  source: bwdW,
  bindings: { ...read('dy_TN', 'x_TK'), ...readWrite('dw_NK') },
  dims: { ...dims, ...u32('slice_blocks') },
} as const satisfies KernelSpec;

export const linearBwdWSum = {
  name: 'linear.bwdWSum',
  source: bwdWSum,
  preludes: [index],
  bindings: { ...read('slices_SNK'), ...readWrite('dw_NK') },
  dims: u32('slices', 'vectors', 'accumulate'),
} as const satisfies KernelSpec;

/** T rows, N outputs, K inputs; N and K are padded widths or are padded to multiples of 4 here. */
export interface LinearDims {
  T: number;
  N: number;
  K: number;
  /** Add to what the output holds instead of overwriting it. */
  accumulate?: boolean;
}

function sizes(
  { T, N, K, accumulate }: LinearDims,
  rows: number,
  cols: number,
  shape: TileShape = busyTile(rows, cols),
) {
  const { colTiles, tiles } = tileGrid(rows, cols, shape);
  const values = {
    T,
    N4: pad4(N) / 4,
    K4: pad4(K) / 4,
    col_tiles: colTiles,
    accumulate: accumulate ? 1 : 0,
    tiles,
  };
  return { values, tiles, constants: tileConstants(shape) };
}

/** y_TN (+)= x_TK · w_NKᵀ */
export function linearForward(
  plan: PlanBuilder,
  io: { x_TK: Slice; w_NK: Slice; y_TN: Slice },
  dims: LinearDims,
): void {
  const { values, tiles, constants } = sizes(dims, dims.T, pad4(dims.N));
  plan.add(linearFwd, io, values, tiles, constants);
}

/** dx_TK (+)= dy_TN · w_NK */
export function linearBackwardX(
  plan: PlanBuilder,
  io: { dy_TN: Slice; w_NK: Slice; dx_TK: Slice },
  dims: LinearDims,
): void {
  const { values, tiles, constants } = sizes(dims, dims.T, pad4(dims.K));
  plan.add(linearBwdX, io, values, tiles, constants);
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
  const tiling = weightTiling(dims);
  const slices = scratch ? tiling.slices : 1;
  const { values, tiles, constants } = sizes(dims, N, K, tiling.shape);
  const slice_blocks = Math.ceil(Math.ceil(dims.T / 4) / slices);
  const each = { ...values, slice_blocks };
  if (!scratch || slices === 1) {
    plan.add(linearBwdW, io, each, tiles, constants);
    return;
  }
  const slices_SNK = scratch();
  const sums = { ...io, dw_NK: slices_SNK };
  plan.add(linearBwdW, sums, { ...each, accumulate: 0 }, slices * tiles, constants);
  const total = { slices, vectors: (N * K) / 4, accumulate: values.accumulate };
  plan.add(linearBwdWSum, { slices_SNK, dw_NK: io.dw_NK }, total, Math.ceil(total.vectors / 64));
}
