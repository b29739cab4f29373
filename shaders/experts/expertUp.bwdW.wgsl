// Gradient of the experts' first half for its weights; the rows of an expert are the sum's terms.
// forward was: gate = m·Wgᵀ, up = m·Wuᵀ;  dWg[f, d] = Σ_j dgate[j, f]·m[t, d], dWu alike
// bindings (group 0)
//   0 table       array<u32>    routing table  read
//   1 experts_E   array<vec4u>  [E] (F4, gate, up, down offsets in vec4)  read
//   2 row_token_J array<u32>    [J]            read
//   3 m_TD        array<vec4f>  [T, D4]        read
//   4 dgate_up_JF array<vec4f>  [J, 2, Fmax4]  read
//   5 dw          array<vec4f>  gradients of the experts' weights: gate, up [F, D4]  readWrite
// constants: TM = 2 (gate and up), TN, ROW_STEP = 0, COL_STEP (tile)
// dispatch: one workgroup of 64 per tile of 32 hidden units × 32·TN channels of every expert
// writes: overwrites, zeros for experts without rows
struct Dims { E: u32, D4: u32, Fmax4: u32 }
@group(0) @binding(0) var<storage, read> table: array<u32>;
@group(0) @binding(1) var<storage, read> experts_E: array<vec4u>;
@group(0) @binding(2) var<storage, read> row_token_J: array<u32>;
@group(0) @binding(3) var<storage, read> m_TD: array<vec4f>;
@group(0) @binding(4) var<storage, read> dgate_up_JF: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> dw: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

const TILES = SECTION_TILES_UP_W;
const A_BY_TERM = true;
const B_BY_TERM = true;

fn product_of(F4: u32, begin: u32, end: u32) -> Product { return Product(0u, dims.D4, (end - begin + 3u) / 4u); }

// Terms past the last row count 0: the gradient is 0 there, and `m` that of the last row.
fn place_a(i: u32, row: u32, n: u32) -> u32 { return i * dims.Fmax4 + min(row / 4u, expert.x - 1u); }
fn load_a(place: u32, k: u32, n: u32) -> vec4f {
  let j = row_begin + 4u * k + n;
  return select(vec4f(), dgate_up_JF[row_place(j, row_end, 2u * dims.Fmax4) + place], j < row_end);
}
fn place_b(j: u32, col: u32, n: u32) -> u32 { return min(col, dims.D4 - 1u); }
fn load_b(place: u32, k: u32, n: u32) -> vec4f { return m_TD[token_place(row_begin + 4u * k + n) + place]; }

fn store(row: u32, col: u32, dgate: vec4f, dup: vec4f) {
  if (row >= 4u * expert.x || col >= dims.D4) { return; }
  let at = row * dims.D4 + col;
  dw[expert.y + at] = dgate;
  dw[expert.z + at] = dup;
}

fn store_tile(row: u32, col: u32, tile: Tile) {
  for (var n = 0u; n < 4u; n++) {
    store(row + n, col, row_of(tile.b00, n), row_of(tile.b10, n));
    if (TN > 1u) { store(row + n, col + COL_STEP, row_of(tile.b01, n), row_of(tile.b11, n)); }
  }
}
