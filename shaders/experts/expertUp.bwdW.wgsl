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

var<private> row_begin: u32;
var<private> row_end: u32;
var<private> expert: vec4u;

const A_BY_TERM = true;
const B_BY_TERM = true;

// Terms past the last row count 0: the gradient is 0 there, and `m` that of the last row.
fn place_a(i: u32, row: u32, n: u32) -> u32 {
  return i * dims.Fmax4 + min(row / 4u, expert.x - 1u);
}
fn load_a(place: u32, k: u32, n: u32) -> vec4f {
  let j = row_begin + 4u * k + n;
  let d = dgate_up_JF[2u * min(j, row_end - 1u) * dims.Fmax4 + place];
  return select(vec4f(), d, j < row_end);
}

fn place_b(j: u32, col: u32, n: u32) -> u32 { return min(col, dims.D4 - 1u); }
fn load_b(place: u32, k: u32, n: u32) -> vec4f {
  return m_TD[row_token_J[min(row_begin + 4u * k + n, row_end - 1u)] * dims.D4 + place];
}

fn store(row: u32, col: u32, dgate: vec4f, dup: vec4f) {
  if (row >= 4u * expert.x || col >= dims.D4) { return; }
  let at = row * dims.D4 + col;
  dw[expert.y + at] = dgate;
  dw[expert.z + at] = dup;
}

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let E = dims.E;
  let index = linear_workgroup(workgroup);
  if (index >= table[tiles_up_W(E) + E]) { return; }
  let e = find_expert(tiles_up_W(E), E, index);
  expert = experts_E[e];
  row_begin = table[ROW_START + e];
  row_end = table[ROW_START + e + 1u];
  let tile_index = index - table[tiles_up_W(E) + e];
  let col_tiles = (dims.D4 + 8u * TN - 1u) / (8u * TN);
  let row0 = tile_index / col_tiles * 32u;
  let col0 = tile_index % col_tiles * 8u * TN;
  let rows = table[ROW_START + e + 1u] - table[ROW_START + e];
  let tile = matmul(local, row0, col0, 4u * expert.x, dims.D4, (rows + 3u) / 4u);
  let row = tile_row(local, row0);
  let col = tile_col(local, col0);
  for (var n = 0u; n < 4u; n++) {
    store(row + n, col, row_of(tile.b00, n), row_of(tile.b10, n));
    if (TN > 1u) { store(row + n, col + COL_STEP, row_of(tile.b01, n), row_of(tile.b11, n)); }
  }
}
