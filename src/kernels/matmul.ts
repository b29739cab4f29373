import index from '../../shaders/common/index.wgsl?raw';
import blocks from '../../shaders/matmul/blocks.wgsl?raw';
import rowOf from '../../shaders/matmul/rowOf.wgsl?raw';
import storeTile from '../../shaders/matmul/storeTile.wgsl?raw';
import quad from '../../shaders/matmul/tile.quad.wgsl?raw';
import workgroup from '../../shaders/matmul/tile.workgroup.wgsl?raw';
import type { KernelSpec } from '../gpu/kernel.ts';
import { withQuads } from './quads.ts';

/** Blocks of 4×4 per invocation, in rows and columns; a workgroup's tile is 32·TM × 32·TN. */
export interface TileShape {
  TM: 1 | 2;
  TN: 1 | 2;
}

/** Tile for a product of `rows` × `cols`: two blocks wherever one would not cover the side. */
export function tileShape(rows: number, cols: number): TileShape {
  return { TM: rows > 32 ? 2 : 1, TN: cols > 32 ? 2 : 1 };
}

/** What the two blocks of an invocation are, along rows or columns, where it has two. */
type Blocks = 'places' | 'matrices';

/**
 * The constants of a tile. Two blocks of an invocation are two places of one matrix, 32 rows or
 * columns apart, or the same place of two matrices (gate and up).
 */
export function tileConstants(
  { TM, TN }: TileShape,
  { rows = 'places', cols = 'places' }: { rows?: Blocks; cols?: Blocks } = {},
): Record<string, number> {
  return { TM, TN, ROW_STEP: rows === 'places' ? 32 : 0, COL_STEP: cols === 'places' ? 8 : 0 };
}

/** Number of tiles over `rows` × `cols`, and those along the columns. */
export function tileGrid(rows: number, cols: number, { TM, TN }: TileShape) {
  const colTiles = Math.ceil(cols / (32 * TN));
  return { colTiles, tiles: Math.ceil(rows / (32 * TM)) * colTiles };
}

/**
 * Adds the body in workgroup memory, for GPUs, to a kernel. A kernel whose blocks mean different
 * things (gate and up) stores them itself.
 */
export function withWorkgroupTile<S extends KernelSpec>(spec: S, storesBlocksAlike = true): S {
  const store = storesBlocksAlike ? [storeTile] : [];
  const preludes = [index, ...(spec.preludes ?? []), blocks, workgroup, rowOf, ...store];
  return { ...spec, preludes };
}

/**
 * Adds the body in registers that four neighbours share, for software adapters, to a kernel that does
 * what `operation` asks of it.
 */
export function withQuadTile<S extends KernelSpec>(spec: S, operation: string): S {
  const preludes = [index, ...(spec.preludes ?? []), rowOf, quad];
  return withQuads({ ...spec, preludes, operation });
}
