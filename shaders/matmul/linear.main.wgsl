// Prelude of linear's three products: which tile of which slice of the terms a workgroup has. The
// including file defines
//   enter(slice) -> u32   sets out on a slice of the terms; returns its blocks of four, 0 past the last
// and what tile.workgroup and storeTile ask for.
@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let index = linear_workgroup(workgroup);
  let terms = enter(index / dims.tiles);
  if (terms == 0u) { return; }
  let here = index % dims.tiles;
  let row0 = here / dims.col_tiles * TILE_ROWS;
  let col0 = here % dims.col_tiles * TILE_COLS;
  let tile = matmul(local, row0, col0, terms);
  store_tile(tile_row(local, row0), tile_col(local, col0), tile);
}
