import index from '../../shaders/common/index.wgsl?raw';
import storeTile from '../../shaders/matmul/storeTile.wgsl?raw';
import register from '../../shaders/matmul/tile.register.wgsl?raw';
import workgroup from '../../shaders/matmul/tile.workgroup.wgsl?raw';
import type { KernelSpec } from '../gpu/kernel.ts';
import type { AdapterClass } from '../gpu/plan.ts';

/** Blocks of 4×4 per invocation, in rows and columns; a workgroup's tile is 32·TM × 32·TN. */
export interface TileShape {
  TM: 1 | 2;
  TN: 1 | 2;
}

/** Tile for a product of `rows` × `cols`: two blocks wherever one would not cover the side. */
export function tileShape(rows: number, cols: number): TileShape {
  return { TM: rows > 32 ? 2 : 1, TN: cols > 32 ? 2 : 1 };
}

/** The constants of an ordinary tile: blocks of one invocation lie 32 rows and columns apart. */
export function tileConstants({ TM, TN }: TileShape): Record<string, number> {
  return { TM, TN, ROW_STEP: 32, COL_STEP: 8 };
}

/** Number of tiles over `rows` × `cols`, and those along the columns. */
export function tileGrid(rows: number, cols: number, { TM, TN }: TileShape) {
  const colTiles = Math.ceil(cols / (32 * TN));
  return { colTiles, tiles: Math.ceil(rows / (32 * TM)) * colTiles };
}

/**
 * Adds the tile body that suits the adapter to a kernel; both bodies add in the same order. A kernel
 * whose blocks mean different things (gate and up) stores them itself.
 */
export function withTile<S extends KernelSpec>(
  spec: S,
  adapterClass: AdapterClass,
  storesBlocksAlike = true,
): S {
  const body = adapterClass === 'software' ? register : workgroup;
  const store = storesBlocksAlike ? [storeTile] : [];
  const preludes = [index, ...(spec.preludes ?? []), body, ...store];
  return { ...spec, preludes, variant: adapterClass };
}
