/** Blocks of 4×4 per invocation, in rows and columns; a workgroup's tile is 32·TM × 32·TN. */
export interface TileShape {
  TM: 1 | 2;
  TN: 1 | 2;
}

/** Tile for a product of `rows` × `cols`: two blocks wherever one would not cover the side. */
export function tileShape(rows: number, cols: number): TileShape {
  return { TM: rows > 32 ? 2 : 1, TN: cols > 32 ? 2 : 1 };
}

/** Number of tiles over `rows` × `cols`, and those along the columns. */
export function tileGrid(rows: number, cols: number, { TM, TN }: TileShape) {
  const colTiles = Math.ceil(cols / (32 * TN));
  return { colTiles, tiles: Math.ceil(rows / (32 * TM)) * colTiles };
}

/** Workgroups that keep a GPU busy. */
export const BUSY_WORKGROUPS = 128;

/**
 * The widest tile of which a product of `rows` × `cols`, done in so many slices, has enough to keep a
 * GPU busy; else the smallest, of which there are most.
 */
export function busyTile(rows: number, cols: number, slices = 1): TileShape {
  const widest = tileShape(rows, cols);
  const isBusy = (shape: TileShape) =>
    tileGrid(rows, cols, shape).tiles * slices >= BUSY_WORKGROUPS;
  const shapes: readonly TileShape[] = [widest, { TM: widest.TM, TN: 1 }];
  return shapes.find(isBusy) ?? { TM: 1, TN: 1 };
}
