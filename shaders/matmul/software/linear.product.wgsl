// c = a · bᵀ (+ c) with strides: the body of linear.fwd, linear.bwdX and linear.bwdW for software adapters.
// c[r, n] = Σ_k a[r·row_a + k·term_a]·b[n·col_b + k·term_b]             docs/model.md, "Network"
// bindings (group 0)
//   0 a array<f32>    [rows, terms] in any order  read
//   1 b array<f32>    [cols, terms] in any order  read
//   2 c array<vec4f>  [rows, cols4]  readWrite
// constants: none
// dispatch: one workgroup of 16 (four quads) per tile of 64 rows × 32 columns, columns fastest
// writes: accumulates where dims.accumulate = 1, else overwrites; padding of a and b is 0
struct Dims {
  rows: u32, cols4: u32, terms: u32, col_tiles: u32,
  row_a: u32, term_a: u32, col_b: u32, term_b: u32, accumulate: u32,
}
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

var<private> row0: u32;
var<private> col0: u32;

fn places_a(row: u32) -> vec4u {
  return min(vec4u(row0 + row) + vec4u(0u, 1u, 2u, 3u), vec4u(dims.rows - 1u)) * dims.row_a;
}
fn places_b(col: u32) -> vec4u {
  return min(vec4u(col0 + col) + vec4u(0u, 1u, 2u, 3u), vec4u(4u * dims.cols4 - 1u)) * dims.col_b;
}
fn terms_at(k: u32) -> vec2u { return k * vec2u(dims.term_a, dims.term_b); }

fn store(row: u32, col: u32, values: vec4f) {
  let r = row0 + row;
  let n = (col0 + col) / 4u;
  if (r >= dims.rows || n >= dims.cols4) { return; }
  var sum = values;
  if (dims.accumulate == 1u) { sum += c[r * dims.cols4 + n]; }
  c[r * dims.cols4 + n] = sum;
}

@compute @workgroup_size(16)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let index = linear_workgroup(workgroup);
  row0 = index / dims.col_tiles * 64u + local / 4u * 16u;
  col0 = index % dims.col_tiles * 32u;
  if (row0 >= dims.rows || col0 >= 4u * dims.cols4) { return; }
  store_quad(local % 4u, quad_product(local % 4u, dims.terms));
}
