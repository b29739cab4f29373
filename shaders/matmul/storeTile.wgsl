// Hands the blocks of a tile to store(row, col, block) of the including file.
fn store_tile(row: u32, col: u32, tile: Tile) {
  store(row, col, tile.b00);
  if (TN > 1u) { store(row, col + COL_STEP, tile.b01); }
  if (TM > 1u) {
    store(row + ROW_STEP, col, tile.b10);
    if (TN > 1u) { store(row + ROW_STEP, col + COL_STEP, tile.b11); }
  }
}
