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

fn four_a(places: vec4u, term: u32) -> vec4f {
  let at = places + term;
  return vec4f(a[at.x], a[at.y], a[at.z], a[at.w]);
}

fn four_b(places: vec4u, term: u32) -> vec4f {
  let at = places + term;
  return vec4f(b[at.x], b[at.y], b[at.z], b[at.w]);
}

// Column n = row n over four terms; terms that are not `alive` count 0.
fn block_a(places: vec4u, terms: vec4u, alive: vec4<bool>) -> mat4x4f {
  return transpose(mat4x4f(
    select(vec4f(), four_a(places, terms.x), alive.x), select(vec4f(), four_a(places, terms.y), alive.y),
    select(vec4f(), four_a(places, terms.z), alive.z), select(vec4f(), four_a(places, terms.w), alive.w)));
}

// Column n = term n over four columns.
fn block_b(places: vec4u, terms: vec4u) -> mat4x4f {
  return mat4x4f(
    four_b(places, terms.x), four_b(places, terms.y), four_b(places, terms.z), four_b(places, terms.w));
}

// The product over `terms` terms.
fn quad_product(lane: u32, terms: u32) -> Tile {
  var tile: Tile;
  let rows0 = places_a(row_block(lane, 0u));
  let rows1 = places_a(row_block(lane, 1u));
  let cols0 = places_b(col_block(lane, 0u));
  for (var k = 0u; k < terms; k += 4u) {
    let order = vec4u(k) + vec4u(0u, 1u, 2u, 3u);
    let alive = order < vec4u(terms);
    let last = min(order, vec4u(terms - 1u));
    let t0 = terms_at(last.x);
    let t1 = terms_at(last.y);
    let t2 = terms_at(last.z);
    let t3 = terms_at(last.w);
    let terms_a = vec4u(t0.x, t1.x, t2.x, t3.x);
    let terms_b = vec4u(t0.y, t1.y, t2.y, t3.y);
    let a0 = block_a(rows0, terms_a, alive);
    let a1 = block_a(rows1, terms_a, alive);
    let b0 = block_b(cols0, terms_b);
    let a2 = beside(a0);
    let a3 = beside(a1);
    let b1 = below(b0);
    tile[0] = add_product(tile[0], b0, a0);
    tile[1] = add_product(tile[1], b1, a0);
    tile[2] = add_product(tile[2], b0, a1);
    tile[3] = add_product(tile[3], b1, a1);
    tile[4] = add_product(tile[4], b0, a2);
    tile[5] = add_product(tile[5], b1, a2);
    tile[6] = add_product(tile[6], b0, a3);
    tile[7] = add_product(tile[7], b1, a3);
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
