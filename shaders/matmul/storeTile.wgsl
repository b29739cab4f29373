// Hands the rows of a tile to store(row, col, values) of the including file, one after the other.
fn store_tile(row: u32, col: u32, tile: Tile) {
  for (var i = 0u; i < 4u * TM; i++) {
    let n = i % 4u;
    let at = row + n + i / 4u * ROW_STEP;
    var left = row_of(tile.b00, n);
    if (TM > 1u) { left = select(left, row_of(tile.b10, n), i >= 4u); }
    store(at, col, left);
    if (TN > 1u) {
      var right = row_of(tile.b01, n);
      if (TM > 1u) { right = select(right, row_of(tile.b11, n), i >= 4u); }
      store(at, col + COL_STEP, right);
    }
  }
}
