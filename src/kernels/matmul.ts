import index from '../../shaders/common/index.wgsl?raw';
import blocks from '../../shaders/matmul/blocks.wgsl?raw';
import rowOf from '../../shaders/matmul/rowOf.wgsl?raw';
import storeTile from '../../shaders/matmul/storeTile.wgsl?raw';
import workgroup from '../../shaders/matmul/tile.workgroup.wgsl?raw';
import type { TileShape } from '../layout/tiles.ts';

/** Preludes of products whose blocks mean different things (gate and up): those store them themselves. */
export const TILE_OF_TWO = [index, blocks, workgroup, rowOf];

/** Preludes of products of matrices whose tiles lie in workgroup memory. */
export const TILE = [...TILE_OF_TWO, storeTile];

/** What shapes a tile's code: `tileConstants`. */
export const TILE_CONSTANTS = ['TM', 'TN', 'ROW_STEP', 'COL_STEP'];

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
