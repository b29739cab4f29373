// Four neighbours' tile of a matrix product, 32 rows × 16 columns, held in registers: the body for
// software adapters. There a load takes the time of about 24 multiply-adds and an assignment that of
// five, so every invocation owns 16 × 8 elements, adds four terms at a time, and loads a quarter of
// the rows and half of the columns that it needs: its neighbours show it the rest. Loads are of single
// numbers, which cost those adapters no more than vectors per number; so one body serves a matrix and its transpose.
// The including file binds `a` and `b`, array<f32>, and defines
//   places_a(row) -> vec4u   places in `a` of rows row … row + 3 of the tile at term 0
//   places_b(col) -> vec4u   places in `b` of columns col … col + 3 of the tile at term 0
//   terms_at(k) -> vec2u     what term k adds to places in `a` and in `b`
// Rows and columns past the matrices are asked for too, so that places must be clamped; terms are not.

// Rows of a quad's tile that are the i-th four of invocation `lane`: 0 and 1 it loads itself.
fn row_block(lane: u32, i: u32) -> u32 { return 16u * (lane / 2u) + 8u * (i % 2u) + 4u * ((lane + i / 2u) % 2u); }
// Columns that are the j-th four of invocation `lane`: 0 it loads itself.
fn col_block(lane: u32, j: u32) -> u32 { return 8u * (lane % 2u) + 4u * ((lane / 2u + j) % 2u); }

// 4×4 blocks of an invocation, rows slowest: [2 i + j] has the rows of row_block i, columns of col_block j.
alias Tile = array<mat4x4f, 8>;

// The product over `terms` terms. The loop calls nothing but terms_at: those adapters hand values of
// inlined functions over through memory, at the price of an assignment per number.
fn quad_product(lane: u32, terms: u32) -> Tile {
  var tile: Tile;
  let r0 = places_a(row_block(lane, 0u));
  let r1 = places_a(row_block(lane, 1u));
  let c = places_b(col_block(lane, 0u));
  for (var k = 0u; k < terms; k += 4u) {
    let order = vec4u(k) + vec4u(0u, 1u, 2u, 3u);
    // Terms past the last count 0.
    let alive = order < vec4u(terms);
    let last = min(order, vec4u(terms - 1u));
    let t0 = terms_at(last.x);
    let t1 = terms_at(last.y);
    let t2 = terms_at(last.z);
    let t3 = terms_at(last.w);
    // Column n = row n over four terms, and in b column n = term n over four columns.
    let a0 = transpose(mat4x4f(
      vec4f(a[r0.x + t0.x], a[r0.y + t0.x], a[r0.z + t0.x], a[r0.w + t0.x]),
      vec4f(a[r0.x + t1.x], a[r0.y + t1.x], a[r0.z + t1.x], a[r0.w + t1.x]),
      vec4f(a[r0.x + t2.x], a[r0.y + t2.x], a[r0.z + t2.x], a[r0.w + t2.x]),
      vec4f(a[r0.x + t3.x], a[r0.y + t3.x], a[r0.z + t3.x], a[r0.w + t3.x])));
    let a1 = transpose(mat4x4f(
      vec4f(a[r1.x + t0.x], a[r1.y + t0.x], a[r1.z + t0.x], a[r1.w + t0.x]),
      vec4f(a[r1.x + t1.x], a[r1.y + t1.x], a[r1.z + t1.x], a[r1.w + t1.x]),
      vec4f(a[r1.x + t2.x], a[r1.y + t2.x], a[r1.z + t2.x], a[r1.w + t2.x]),
      vec4f(a[r1.x + t3.x], a[r1.y + t3.x], a[r1.z + t3.x], a[r1.w + t3.x])));
    let b0 = mat4x4f(
      select(vec4f(), vec4f(b[c.x + t0.y], b[c.y + t0.y], b[c.z + t0.y], b[c.w + t0.y]), alive.x),
      select(vec4f(), vec4f(b[c.x + t1.y], b[c.y + t1.y], b[c.z + t1.y], b[c.w + t1.y]), alive.y),
      select(vec4f(), vec4f(b[c.x + t2.y], b[c.y + t2.y], b[c.z + t2.y], b[c.w + t2.y]), alive.z),
      select(vec4f(), vec4f(b[c.x + t3.y], b[c.y + t3.y], b[c.z + t3.y], b[c.w + t3.y]), alive.w));
    // What the neighbours beside (rows) and below or above (columns) have loaded.
    let a2 = mat4x4f(quadSwapX(a0[0]), quadSwapX(a0[1]), quadSwapX(a0[2]), quadSwapX(a0[3]));
    let a3 = mat4x4f(quadSwapX(a1[0]), quadSwapX(a1[1]), quadSwapX(a1[2]), quadSwapX(a1[3]));
    let b1 = mat4x4f(quadSwapY(b0[0]), quadSwapY(b0[1]), quadSwapY(b0[2]), quadSwapY(b0[3]));
    tile[0] += b0 * a0;
    tile[1] += b1 * a0;
    tile[2] += b0 * a1;
    tile[3] += b1 * a1;
    tile[4] += b0 * a2;
    tile[5] += b1 * a2;
    tile[6] += b0 * a3;
    tile[7] += b1 * a3;
  }
  return tile;
}

// Hands the rows of one block of a tile to store(row, col, values) of the including file.
fn store_block(block: mat4x4f, row: u32, col: u32) {
  for (var n = 0u; n < 4u; n++) { store(row + n, col, row_of(block, n)); }
}

// One of four blocks; all indices are constant, because one that varies would put tiles into memory.
fn block_of(b0: mat4x4f, b1: mat4x4f, b2: mat4x4f, b3: mat4x4f, i: u32) -> mat4x4f {
  return mat4x4f(
    row_of(mat4x4f(b0[0], b1[0], b2[0], b3[0]), i), row_of(mat4x4f(b0[1], b1[1], b2[1], b3[1]), i),
    row_of(mat4x4f(b0[2], b1[2], b2[2], b3[2]), i), row_of(mat4x4f(b0[3], b1[3], b2[3], b3[3]), i));
}

fn store_quad(lane: u32, tile: Tile) {
  for (var i = 0u; i < 4u; i++) {
    let row = row_block(lane, i);
    store_block(block_of(tile[0], tile[2], tile[4], tile[6], i), row, col_block(lane, 0u));
    store_block(block_of(tile[1], tile[3], tile[5], tile[7], i), row, col_block(lane, 1u));
  }
}
