// Gradient of the experts' second half for its weights; the rows of an expert are the sum's terms.
// forward was: y = hidden·Wdᵀ, out[t] += coef·y;  dWd[d, f] = Σ_j dout[t, d]·coef·hidden[j, f]
// bindings (group 0)
//   0 table       array<u32>    routing table  read
//   1 experts_E   array<vec4u>  [E] (F4, gate, up, down offsets in vec4)  read
//   2 row_token_J array<u32>    [J]            read
//   3 dout_TD     array<vec4f>  [T, D4]        read
//   4 hidden_JF   array<vec4f>  [J, Fmax4]     read  coef · hidden
//   5 dw          array<vec4f>  gradients of the experts' weights: down [D, F4]  readWrite
// constants: TM, TN, ROW_STEP, COL_STEP (tile)
// dispatch: one workgroup of 64 per tile of 32·TM channels × 32·TN hidden units of every expert
// writes: overwrites, zeros for experts without rows
struct Dims { E: u32, D4: u32, Fmax4: u32 }
@group(0) @binding(0) var<storage, read> table: array<u32>;
@group(0) @binding(1) var<storage, read> experts_E: array<vec4u>;
@group(0) @binding(2) var<storage, read> row_token_J: array<u32>;
@group(0) @binding(3) var<storage, read> dout_TD: array<vec4f>;
@group(0) @binding(4) var<storage, read> hidden_JF: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> dw: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

var<private> row_begin: u32;
var<private> row_end: u32;
var<private> expert: vec4u;

const A_BY_TERM = true;
const B_BY_TERM = true;

// Terms past the last row count 0: `dout` is 0 there, and `hidden` that of the last row.
fn place_a(i: u32, row: u32, n: u32) -> u32 { return min(row / 4u, dims.D4 - 1u); }
fn load_a(place: u32, k: u32, n: u32) -> vec4f {
  let j = row_begin + 4u * k + n;
  let dout = dout_TD[row_token_J[min(j, row_end - 1u)] * dims.D4 + place];
  return select(vec4f(), dout, j < row_end);
}

fn place_b(j: u32, col: u32, n: u32) -> u32 { return min(col, expert.x - 1u); }
fn load_b(place: u32, k: u32, n: u32) -> vec4f {
  return hidden_JF[min(row_begin + 4u * k + n, row_end - 1u) * dims.Fmax4 + place];
}

fn store(row: u32, col: u32, values: vec4f) {
  if (row >= 4u * dims.D4 || col >= expert.x) { return; }
  dw[expert.w + row * expert.x + col] = values;
}

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let E = dims.E;
  let index = linear_workgroup(workgroup);
  if (index >= table[tiles_down_W(E) + E]) { return; }
  let e = find_expert(tiles_down_W(E), E, index);
  expert = experts_E[e];
  row_begin = table[ROW_START + e];
  row_end = table[ROW_START + e + 1u];
  let tile_index = index - table[tiles_down_W(E) + e];
  let col_tiles = (experts_E[e].x + 8u * TN - 1u) / (8u * TN);
  let row0 = tile_index / col_tiles * 32u * TM;
  let col0 = tile_index % col_tiles * 8u * TN;
  let rows = table[ROW_START + e + 1u] - table[ROW_START + e];
  let tile = matmul(local, row0, col0, 4u * dims.D4, expert.x, (rows + 3u) / 4u);
  store_tile(tile_row(local, row0), tile_col(local, col0), tile);
}
