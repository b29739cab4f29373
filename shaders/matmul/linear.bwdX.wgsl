// Gradient of a linear map for its input.
// forward was: y[t, n] = Σ_k x[t, k]·w[n, k];  dx[t, k] = Σ_n dy[t, n]·w[n, k]
// bindings (group 0)
//   0 dy_TN array<vec4f>  [T, N4]     read
//   1 w_NK  array<vec4f>  [N4·4, K4]  read
//   2 dx_TK array<vec4f>  [T, K4]     readWrite
// constants: TM, TN, ROW_STEP, COL_STEP (tile)
// dispatch: one workgroup of 64 per tile of 32·TM rows × 32·TN columns (of K), columns fastest
// writes: accumulates where dims.accumulate = 1, else overwrites; padding of dy and w is 0
struct Dims { T: u32, N4: u32, K4: u32, col_tiles: u32, accumulate: u32, tiles: u32 }
@group(0) @binding(0) var<storage, read> dy_TN: array<vec4f>;
@group(0) @binding(1) var<storage, read> w_NK: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dx_TK: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

const A_BY_TERM = false;
const B_BY_TERM = true;

fn enter(slice: u32) -> u32 { return select(0u, dims.N4, slice == 0u); }

fn place_a(i: u32, row: u32, n: u32) -> u32 { return row_place(row + n, dims.T, dims.N4); }
fn load_a(place: u32, k: u32, n: u32) -> vec4f { return dy_TN[place + k]; }
fn place_b(j: u32, col: u32, n: u32) -> u32 { return term_place(col, n, dims.K4, dims.K4); }
fn load_b(place: u32, k: u32, n: u32) -> vec4f { return w_NK[place + 4u * k * dims.K4]; }

fn store(row: u32, col: u32, values: vec4f) {
  if (row >= dims.T || col >= dims.K4) { return; }
  let at = row * dims.K4 + col;
  var dx = values;
  if (dims.accumulate == 1u) { dx += dx_TK[at]; }
  dx_TK[at] = dx;
}
