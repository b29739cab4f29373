// Second half of the SwiGLU experts: y = hidden·Wdᵀ, rows in expert order, unscaled.
// y[j, d] = Σ_f hidden[j, f]·Wd[d, f]                                   docs/model.md, "5. Experts"
// bindings (group 0)
//   0 table     array<u32>    routing table  read
//   1 experts_E array<vec4u>  [E] (F4, gate, up, down offsets in vec4)  read
//   2 hidden_JF array<vec4f>  [J, Fmax4]     read
//   3 w         array<vec4f>  experts' weights: down [D, F4]  read
//   4 y_JD      array<vec4f>  [J, D4]        readWrite
// constants: TM, TN, ROW_STEP, COL_STEP (tile)
// dispatch: one workgroup of 64 per tile of 32·TM rows × 32·TN channels, an upper bound of tiles
// writes: overwrites every live row; rows past them stay
struct Dims { E: u32, D4: u32, Fmax4: u32 }
@group(0) @binding(0) var<storage, read> table: array<u32>;
@group(0) @binding(1) var<storage, read> experts_E: array<vec4u>;
@group(0) @binding(2) var<storage, read> hidden_JF: array<vec4f>;
@group(0) @binding(3) var<storage, read> w: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y_JD: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

var<private> row_end: u32;
var<private> expert: vec4u;

const A_BY_TERM = false;
const B_BY_TERM = false;

fn place_a(i: u32, row: u32, n: u32) -> u32 { return min(row + n, row_end - 1u) * dims.Fmax4; }
fn load_a(place: u32, k: u32, n: u32) -> vec4f { return hidden_JF[place + k]; }

fn place_b(j: u32, col: u32, n: u32) -> u32 {
  return expert.w + (4u * min(col, dims.D4 - 1u) + n) * expert.x;
}
fn load_b(place: u32, k: u32, n: u32) -> vec4f { return w[place + k]; }

fn store(row: u32, col: u32, values: vec4f) {
  if (row >= row_end || col >= dims.D4) { return; }
  y_JD[row * dims.D4 + col] = values;
}

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let E = dims.E;
  let index = linear_workgroup(workgroup);
  if (index >= table[tiles_D(E) + E]) { return; }
  let e = find_expert(tiles_D(E), E, index);
  expert = experts_E[e];
  row_end = table[ROW_START + e + 1u];
  let tile_index = index - table[tiles_D(E) + e];
  let col_tiles = (dims.D4 + 8u * TN - 1u) / (8u * TN);
  let row0 = table[ROW_START + e] + tile_index / col_tiles * 32u * TM;
  let col0 = tile_index % col_tiles * 8u * TN;
  let tile = matmul(local, row0, col0, row_end, dims.D4, experts_E[e].x);
  store_tile(tile_row(local, row0), tile_col(local, col0), tile);
}
