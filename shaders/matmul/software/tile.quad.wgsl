// Four neighbours' tile of a matrix product, 16 rows × 32 columns, held in registers: the body for
// software adapters. There a load takes the time of about 24 multiply-adds and an assignment that of
// five, so every invocation owns 8 × 16 elements, adds four terms at a time, and loads half of the
// rows and columns that it needs: its neighbours show it the rest. Few rows, because experts' rows are few. Loads are of single
// numbers, which cost those adapters no more than vectors per number; so one body serves a matrix and its transpose.
// The including file binds `a` and `b`, array<f32>, and defines
//   places_a(row) -> vec4u   places in `a` of rows row … row + 3 of the tile at term 0
//   places_b(col) -> vec4u   places in `b` of columns col … col + 3 of the tile at term 0
//   terms_at(k) -> vec2u     what term k adds to places in `a` and in `b`
// Rows and columns past the matrices are asked for too, so that places must be clamped; terms are not.

// Rows of a quad's tile that are the i-th four of invocation `lane`: 0 it loads itself.
fn row_block(lane: u32, i: u32) -> u32 { return 8u * (lane % 2u) + 4u * ((lane / 2u + i) % 2u); }
// Columns that are the j-th four of invocation `lane`: 0 and 1 it loads itself.
fn col_block(lane: u32, j: u32) -> u32 { return 16u * (lane / 2u) + 8u * (j % 2u) + 4u * ((lane + j / 2u) % 2u); }

// 4×4 blocks of an invocation: [4 i + j] has the rows of row_block i and the columns of col_block j.
alias Tile = array<mat4x4f, 8>;

// The product over `terms` terms. The loop calls nothing but terms_at: those adapters hand values of
// inlined functions over through memory, at the price of an assignment per number.
fn quad_product(lane: u32, terms: u32) -> Tile {
  var tile: Tile;
  let r = places_a(row_block(lane, 0u));
  let c0 = places_b(col_block(lane, 0u));
  let c1 = places_b(col_block(lane, 1u));
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
      select(vec4f(), vec4f(a[r.x + t0.x], a[r.y + t0.x], a[r.z + t0.x], a[r.w + t0.x]), alive.x),
      select(vec4f(), vec4f(a[r.x + t1.x], a[r.y + t1.x], a[r.z + t1.x], a[r.w + t1.x]), alive.y),
      select(vec4f(), vec4f(a[r.x + t2.x], a[r.y + t2.x], a[r.z + t2.x], a[r.w + t2.x]), alive.z),
      select(vec4f(), vec4f(a[r.x + t3.x], a[r.y + t3.x], a[r.z + t3.x], a[r.w + t3.x]), alive.w)));
    let b0 = mat4x4f(
      vec4f(b[c0.x + t0.y], b[c0.y + t0.y], b[c0.z + t0.y], b[c0.w + t0.y]),
      vec4f(b[c0.x + t1.y], b[c0.y + t1.y], b[c0.z + t1.y], b[c0.w + t1.y]),
      vec4f(b[c0.x + t2.y], b[c0.y + t2.y], b[c0.z + t2.y], b[c0.w + t2.y]),
      vec4f(b[c0.x + t3.y], b[c0.y + t3.y], b[c0.z + t3.y], b[c0.w + t3.y]));
    let b1 = mat4x4f(
      vec4f(b[c1.x + t0.y], b[c1.y + t0.y], b[c1.z + t0.y], b[c1.w + t0.y]),
      vec4f(b[c1.x + t1.y], b[c1.y + t1.y], b[c1.z + t1.y], b[c1.w + t1.y]),
      vec4f(b[c1.x + t2.y], b[c1.y + t2.y], b[c1.z + t2.y], b[c1.w + t2.y]),
      vec4f(b[c1.x + t3.y], b[c1.y + t3.y], b[c1.z + t3.y], b[c1.w + t3.y]));
    // What the neighbours above or below (rows) and beside (columns) have loaded.
    let a1 = mat4x4f(quadSwapY(a0[0]), quadSwapY(a0[1]), quadSwapY(a0[2]), quadSwapY(a0[3]));
    let b2 = mat4x4f(quadSwapX(b0[0]), quadSwapX(b0[1]), quadSwapX(b0[2]), quadSwapX(b0[3]));
    let b3 = mat4x4f(quadSwapX(b1[0]), quadSwapX(b1[1]), quadSwapX(b1[2]), quadSwapX(b1[3]));
    tile[0] += b0 * a0;
    tile[1] += b1 * a0;
    tile[2] += b2 * a0;
    tile[3] += b3 * a0;
    tile[4] += b0 * a1;
    tile[5] += b1 * a1;
    tile[6] += b2 * a1;
    tile[7] += b3 * a1;
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
  for (var j = 0u; j < 4u; j++) {
    let col = col_block(lane, j);
    store_block(block_of(tile[0], tile[1], tile[2], tile[3], j), row_block(lane, 0u), col);
    store_block(block_of(tile[4], tile[5], tile[6], tile[7], j), row_block(lane, 1u), col);
  }
}
