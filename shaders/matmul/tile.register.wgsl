// One workgroup's tile of a matrix product, held in registers: no workgroup memory, no barriers.
// The body for software adapters, where loads decide: about 24 multiply-adds take the time of one.
//
// 64 invocations own TM × TN blocks of 4×4 each. Invocation (r, c) of the 8×8 grid has adjoining
// blocks: rows from row0 + 4·TM·r, column blocks from col0 + TN·c; ROW_STEP and COL_STEP are 4 and 1.
// A step of 0 stands for blocks of two matrices at the same place (gate and up).
// The including file defines place_a, load_a, place_b and load_b (blocks.wgsl).
// constants: TM, TN (1 or 2), ROW_STEP, COL_STEP
struct Tile { b00: mat4x4f, b01: mat4x4f, b10: mat4x4f, b11: mat4x4f }

fn tile_row(local: u32, row0: u32) -> u32 {
  return row0 + (4u + (TM - 1u) * ROW_STEP) * (local / 8u);
}
fn tile_col(local: u32, col0: u32) -> u32 { return col0 + (1u + (TN - 1u) * COL_STEP) * (local % 8u); }

// k counts blocks of four terms. Blocks that start at or past row_end or col_end are left 0.
fn matmul(local: u32, row0: u32, col0: u32, row_end: u32, col_end: u32, k_end: u32) -> Tile {
  let row = tile_row(local, row0);
  let col = tile_col(local, col0);
  var tile: Tile;
  // Four neighbours leave together, because they load A together.
  if (row >= row_end || tile_col(local / 4u * 4u, col0) >= col_end) { return tile; }
  let rows0 = places_a(local, 0u, row);
  let rows1 = places_a(local, 1u, row + (TM - 1u) * ROW_STEP);
  let cols0 = places_b(0u, col);
  let cols1 = places_b(1u, col + (TN - 1u) * COL_STEP);
  for (var k = 0u; k < k_end; k++) {
    let a0 = block_a(local, rows0, k);
    let b0 = block_b(cols0, k);
    tile.b00 = add_product(tile.b00, b0, a0);
    if (TN > 1u) {
      let b1 = block_b(cols1, k);
      tile.b01 = add_product(tile.b01, b1, a0);
      if (TM > 1u) {
        let a1 = block_a(local, rows1, k);
        tile.b10 = add_product(tile.b10, b0, a1);
        tile.b11 = add_product(tile.b11, b1, a1);
      }
    } else if (TM > 1u) {
      tile.b10 = add_product(tile.b10, b0, block_a(local, rows1, k));
    }
  }
  return tile;
}
