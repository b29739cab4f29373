// First half of the SwiGLU experts, grouped over experts of unequal width.
// hidden = silu(m·Wgᵀ) ⊙ (m·Wuᵀ), rows in expert order, m gathered by token   docs/model.md, "5. Experts"
// bindings (group 0)
//   0 table       array<u32>    routing table        read
//   1 experts_E   array<vec4u>  [E] (F4, gate, up, down offsets in vec4)  read
//   2 row_token_J array<u32>    [J]                  read
//   3 m_TD        array<vec4f>  [T, D4]              read
//   4 w           array<vec4f>  experts' weights: gate, up [F, D4], down [D, F4]  read
//   5 gate_up_JF  array<vec4f>  [J, 2, Fmax4]        readWrite  saved for backward
//   6 hidden_JF   array<vec4f>  [J, Fmax4]           readWrite
// constants: TM, TN = 2 (gate and up), ROW_STEP, COL_STEP = 0 (tile)
// dispatch: one workgroup of 64 per tile of 32·TM rows × 32 hidden units, an upper bound of tiles
// writes: overwrites the rows of each expert up to its width; experts without rows write nothing
struct Dims { E: u32, D4: u32, Fmax4: u32 }
@group(0) @binding(0) var<storage, read> table: array<u32>;
@group(0) @binding(1) var<storage, read> experts_E: array<vec4u>;
@group(0) @binding(2) var<storage, read> row_token_J: array<u32>;
@group(0) @binding(3) var<storage, read> m_TD: array<vec4f>;
@group(0) @binding(4) var<storage, read> w: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> gate_up_JF: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> hidden_JF: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

const TILES = SECTION_TILES_F;
const A_BY_TERM = false;
const B_BY_TERM = false;

fn product_of(F4: u32, begin: u32, end: u32) -> Product { return Product(begin, F4, dims.D4); }

fn place_a(i: u32, row: u32, n: u32) -> u32 { return token_place(row + n); }
fn load_a(place: u32, k: u32, n: u32) -> vec4f { return m_TD[place + k]; }
fn place_b(j: u32, col: u32, n: u32) -> u32 {
  return select(expert.y, expert.z, j == 1u) + column_place(col, n, expert.x, dims.D4);
}
fn load_b(place: u32, k: u32, n: u32) -> vec4f { return w[place + k]; }

fn store(row: u32, col: u32, gate: vec4f, up: vec4f) {
  if (row >= row_end || col >= expert.x) { return; }
  gate_up_JF[2u * row * dims.Fmax4 + col] = gate;
  gate_up_JF[(2u * row + 1u) * dims.Fmax4 + col] = up;
  hidden_JF[row * dims.Fmax4 + col] = gate * sigmoid4(gate) * up;
}

fn store_tile(row: u32, col: u32, tile: Tile) {
  for (var i = 0u; i < 4u * TM; i++) {
    let n = i % 4u;
    let gate = select(row_of(tile.b00, n), row_of(tile.b10, n), i >= 4u);
    let up = select(row_of(tile.b01, n), row_of(tile.b11, n), i >= 4u);
    store(row + n + i / 4u * ROW_STEP, col, gate, up);
  }
}
