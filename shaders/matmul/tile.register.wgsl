// One workgroup's tile of a matrix product, held in registers: no workgroup memory, no barriers.
// The body for software adapters; adds in the same order as tile.workgroup.wgsl.
//
// 64 invocations own TM × TN blocks of 4×4 each. Invocation (r, c) of the 8×8 grid has rows
// row0 + 4r + ROW_STEP·i and column blocks col0 + c + COL_STEP·j. A file that includes this defines
//   load_a(i, row, k) -> mat4x4f   column n = row `row + n` of A over the four terms of block k
//   load_b(j, k, col) -> mat4x4f   column n = term n of block k over the four columns of block col
// so that load_b · load_a has row n of the product in column n.
// constants: TM, TN (1 or 2), ROW_STEP, COL_STEP
struct Tile { b00: mat4x4f, b01: mat4x4f, b10: mat4x4f, b11: mat4x4f }

fn tile_row(local: u32, row0: u32) -> u32 { return row0 + 4u * (local / 8u); }
fn tile_col(local: u32, col0: u32) -> u32 { return col0 + local % 8u; }

// k counts blocks of four terms.
fn matmul(local: u32, row0: u32, col0: u32, k_end: u32) -> Tile {
  let row = tile_row(local, row0);
  let col = tile_col(local, col0);
  var tile: Tile;
  for (var k = 0u; k < k_end; k++) {
    let a0 = load_a(0u, row, k);
    let b0 = load_b(0u, k, col);
    tile.b00 += b0 * a0;
    if (TN > 1u) {
      let b1 = load_b(1u, k, col + COL_STEP);
      tile.b01 += b1 * a0;
      if (TM > 1u) {
        let a1 = load_a(1u, row + ROW_STEP, k);
        tile.b10 += b0 * a1;
        tile.b11 += b1 * a1;
      }
    } else if (TM > 1u) {
      tile.b10 += b0 * load_a(1u, row + ROW_STEP, k);
    }
  }
  return tile;
}
