// Grouped product whose terms are the rows of every expert: the body of expertUp.bwdW and expertDown.bwdW
// for software adapters.
// dw[r, n] = Σ_j a[j, r]·b[j, n]; gate and up: a = dgate and dup, b = m; down: a = dout, b = coef·hidden
//                                                                      docs/model.md, "5. Experts"
// bindings (group 0)
//   0 table       array<u32>    routing table  read
//   1 experts_E   array<vec4u>  [E] (F4, gate, up, down offsets in vec4)  read
//   2 row_token_J array<u32>    [J]            read
//   3 a           array<f32>    [J, 2, Fmax] or [T, D]  read
//   4 b           array<f32>    [T, D] or [J, Fmax]     read
//   5 dw          array<vec4f>  gradients of the experts' weights: gate, up [F, D], down [D, F]  readWrite
// constants: none
// dispatch: `parts` workgroups of 16 (four quads) per tile of every expert: 64 × 32 elements of down, or
//   32 hidden units × 32 channels of gate and of up
// writes: overwrites, zeros for experts without rows
struct Dims { E: u32, section: u32, parts: u32, D: u32, Fmax: u32, is_down: u32 }
@group(0) @binding(0) var<storage, read> table: array<u32>;
@group(0) @binding(1) var<storage, read> experts_E: array<vec4u>;
@group(0) @binding(2) var<storage, read> row_token_J: array<u32>;
@group(0) @binding(3) var<storage, read> a: array<f32>;
@group(0) @binding(4) var<storage, read> b: array<f32>;
@group(0) @binding(5) var<storage, read_write> dw: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

var<private> row_begin: u32;
var<private> row0: u32;
var<private> rows: u32;
var<private> col0: u32;
var<private> cols: u32;
// Where the matrix of this quad begins: its numbers in a row of `a`, its vec4s in `dw`.
var<private> first_a: u32;
var<private> first_dw: u32;

fn places_a(row: u32) -> vec4u {
  return first_a + min(vec4u(row0 + row) + vec4u(0u, 1u, 2u, 3u), vec4u(rows - 1u));
}
fn places_b(col: u32) -> vec4u {
  return min(vec4u(col0 + col) + vec4u(0u, 1u, 2u, 3u), vec4u(cols - 1u));
}
fn terms_at(k: u32) -> vec2u {
  let j = row_begin + k;
  let of_token = row_token_J[j] * dims.D;
  if (dims.is_down == 1u) { return vec2u(of_token, j * dims.Fmax); }
  return vec2u(2u * j * dims.Fmax, of_token);
}

fn store(row: u32, col: u32, values: vec4f) {
  if (row0 + row >= rows || col0 + col >= cols) { return; }
  dw[first_dw + ((row0 + row) * cols + col0 + col) / 4u] = values;
}

@compute @workgroup_size(16)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let index = linear_workgroup(workgroup);
  let tile = index / dims.parts;
  let tiles = section(dims.section, dims.E);
  if (tile >= table[tiles + dims.E]) { return; }
  let e = find_expert(tiles, dims.E, tile);
  let expert = experts_E[e];
  let is_down = dims.is_down == 1u;
  let F = 4u * expert.x;
  row_begin = table[ROW_START + e];
  rows = select(F, dims.D, is_down);
  cols = select(dims.D, F, is_down);
  let width = 32u * dims.parts;
  let col_tiles = (cols + width - 1u) / width;
  let here = tile - table[tiles + e];
  // The four quads of a workgroup have rows of down, or two each have the same rows of gate and of up.
  let quad = local / 4u;
  let is_up = quad >= 2u;
  row0 = here / col_tiles * select(32u, 64u, is_down) + 16u * select(quad % 2u, quad, is_down);
  col0 = here % col_tiles * width + index % dims.parts * 32u;
  if (row0 >= rows || col0 >= cols) { return; }
  first_a = select(0u, dims.Fmax, is_up && !is_down);
  first_dw = select(select(expert.y, expert.z, is_up), expert.w, is_down);
  store_quad(local % 4u, quad_product(local % 4u, table[ROW_START + e + 1u] - row_begin));
}
