// One workgroup's tile of a matrix product, with both operands staged in workgroup memory.
// The body for GPUs. 64 invocations own TM × TN blocks of 4×4 each; invocation (r, c) of the 8×8 grid
// has rows row0 + 4r + ROW_STEP·i and column blocks col0 + c + COL_STEP·j. The including file defines
// place_a, load_a, place_b and load_b (blocks.wgsl). constants: TM, TN (1 or 2), ROW_STEP, COL_STEP
// 8 KiB of workgroup memory for 1×1 and 2×2 blocks per invocation, 12 KiB for 2×1. k_end must be uniform.
const TILE_ROWS: u32 = 32u + ROW_STEP * (TM - 1u);
// In vec4s.
const TILE_COLS: u32 = 8u + COL_STEP * (TN - 1u);
struct Tile { b00: mat4x4f, b01: mat4x4f, b10: mat4x4f, b11: mat4x4f }

// Blocks of four terms staged at a time: 4 of a tile of 2×2, else 8, so that all invocations stage some.
// Not by `select`: not every browser has built-in functions in constants.
const STAGE: u32 = 8u - 4u * (TM - 1u) * (TN - 1u);
var<workgroup> staged_a: array<mat4x4f, TM * 8u * STAGE>;
// By term, then column block: the eight columns that are read at once lie side by side, in banks of their own.
var<workgroup> staged_b: array<vec4f, TN * 32u * STAGE>;

fn tile_row(local: u32, row0: u32) -> u32 { return row0 + 4u * (local / 8u); }
fn tile_col(local: u32, col0: u32) -> u32 { return col0 + local % 8u; }

fn stage(local: u32, row0: u32, col0: u32, k0: u32, k_end: u32) {
  for (var n = local; n < TM * 8u * STAGE; n += 64u) {
    let r = n / STAGE;
    let k = k0 + n % STAGE;
    var block = mat4x4f();
    if (k < k_end) { block = block_a(r / 8u, row0 + 4u * (r % 8u) + ROW_STEP * (r / 8u), k); }
    staged_a[n] = block;
  }
  for (var n = local; n < TN * 8u * STAGE; n += 64u) {
    let k = k0 + n / (TN * 8u);
    let c = n % (TN * 8u);
    var block = mat4x4f();
    if (k < k_end) { block = block_b(c / 8u, col0 + c % 8u + COL_STEP * (c / 8u), k); }
    let at = n / (TN * 8u) * TN * 32u + c;
    staged_b[at] = block[0];
    staged_b[at + TN * 8u] = block[1];
    staged_b[at + TN * 16u] = block[2];
    staged_b[at + TN * 24u] = block[3];
  }
}

// Staged block k of terms of column block c.
fn b_at(k: u32, c: u32) -> mat4x4f {
  let at = k * TN * 32u + c;
  return mat4x4f(staged_b[at], staged_b[at + TN * 8u], staged_b[at + TN * 16u], staged_b[at + TN * 24u]);
}

// k counts blocks of four terms. Every invocation helps to stage, also past the last row and column.
fn matmul(local: u32, row0: u32, col0: u32, k_end: u32) -> Tile {
  let r = local / 8u;
  let c = local % 8u;
  var tile: Tile;
  for (var k0 = 0u; k0 < k_end; k0 += STAGE) {
    workgroupBarrier();
    stage(local, row0, col0, k0, k_end);
    workgroupBarrier();
    for (var k = 0u; k < STAGE; k++) {
      let a0 = staged_a[r * STAGE + k];
      let b0 = b_at(k, c);
      tile.b00 += b0 * a0;
      if (TN > 1u) {
        let b1 = b_at(k, c + 8u);
        tile.b01 += b1 * a0;
        if (TM > 1u) {
          let a1 = staged_a[(r + 8u) * STAGE + k];
          tile.b10 += b0 * a1;
          tile.b11 += b1 * a1;
        }
      } else if (TM > 1u) {
        tile.b10 += b0 * staged_a[(r + 8u) * STAGE + k];
      }
    }
  }
  return tile;
}
