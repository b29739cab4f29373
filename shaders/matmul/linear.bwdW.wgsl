// Gradient of a linear map for its weight, summed over tokens in a fixed order; or, where weights are
// small and tokens many, sums over slices of the tokens, for linear.bwdWSum to add up.
// forward was: y[t, n] = Σ_k x[t, k]·w[n, k];  dw[n, k] = Σ_t dy[t, n]·x[t, k]
// bindings (group 0)
//   0 dy_TN array<vec4f>  [T, N4]     read
//   1 x_TK  array<vec4f>  [T, K4]     read
//   2 dw_NK array<vec4f>  [slices, N4·4, K4]  readWrite
// constants: TM, TN, ROW_STEP, COL_STEP (tile)
// dispatch: one workgroup of 64 per slice and tile of 32·TM rows (of N) × 32·TN columns (of K), columns
//   fastest; slice_blocks: blocks of four tokens in a slice
// writes: accumulates where dims.accumulate = 1, else overwrites
struct Dims { T: u32, N4: u32, K4: u32, col_tiles: u32, accumulate: u32, tiles: u32, slice_blocks: u32 }
@group(0) @binding(0) var<storage, read> dy_TN: array<vec4f>;
@group(0) @binding(1) var<storage, read> x_TK: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dw_NK: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

// First block of four tokens of the slice, and its place in dw.
var<private> first: u32;
var<private> slice_at: u32;

const A_BY_TERM = true;
const B_BY_TERM = true;

fn enter(slice: u32) -> u32 {
  first = slice * dims.slice_blocks;
  slice_at = slice * 4u * dims.N4 * dims.K4;
  let blocks = (dims.T + 3u) / 4u;
  return min(dims.slice_blocks, blocks - min(slice * dims.slice_blocks, blocks));
}

// Terms past the last token count 0: `dy` is 0 there, and `x` that of the last token.
fn place_a(i: u32, row: u32, n: u32) -> u32 { return min(row / 4u, dims.N4 - 1u); }
fn load_a(place: u32, k: u32, n: u32) -> vec4f {
  let t = 4u * (first + k) + n;
  return select(vec4f(), dy_TN[min(t, dims.T - 1u) * dims.N4 + place], t < dims.T);
}
fn place_b(j: u32, col: u32, n: u32) -> u32 { return min(col, dims.K4 - 1u); }
fn load_b(place: u32, k: u32, n: u32) -> vec4f {
  return x_TK[min(4u * (first + k) + n, dims.T - 1u) * dims.K4 + place];
}

fn store(row: u32, col: u32, values: vec4f) {
  if (row >= 4u * dims.N4 || col >= dims.K4) { return; }
  let at = slice_at + row * dims.K4 + col;
  var dw = values;
  if (dims.accumulate == 1u) { dw += dw_NK[at]; }
  dw_NK[at] = dw;
}
