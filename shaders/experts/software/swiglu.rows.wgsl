// Grouped product over the rows of every expert: the body of the experts' four products by rows, forward
// and backward, for software adapters. The rows of expert e times one of its matrices or its transpose.
// c[j, n] = Σ_k a[j, k]·w[n, k] or w[k, n]; expertUp.fwd: a = m, w = gate, then up; expertDown.fwd:
// a = hidden, w = down; expertDown.bwdX: a = dout, w = downᵀ; expertUp.bwdX: a = dgate and dup, w = gateᵀ
// and upᵀ                                                              docs/model.md, "5. Experts"
// bindings (group 0)
//   0 table       array<u32>    routing table  read
//   1 experts_E   array<vec4u>  [E] (F4, gate, up, down offsets in vec4)  read
//   2 row_token_J array<u32>    [J]            read
//   3 a           array<f32>    [T or J, …]    read
//   4 b           array<f32>    experts' weights: gate, up [F, D], up right after gate, down [D, F]  read
//   5 c           array<vec4f>  [J, …]         readWrite
// constants: none
// dispatch: `parts` workgroups of 16 (four quads: 64 rows × 32 columns) per tile of a section of the
//   table, an upper bound of tiles
// writes: overwrites the live rows of each expert up to its columns, unscaled
// dims: by_token 1: the rows of `a` are tokens, else assignments; row_a, row_c4: numbers of `a` and vec4s
//   of `c` from one row to the next; terms 0: channels, 1: hidden units, 2: those of gate, then of up;
//   cols 0: channels, 1: hidden units, 2: those of gate in part 0, of up in part 1;
//   is_down 1: the weights are down, else gate and up; by_term 1: their rows are terms, else columns
struct Dims {
  E: u32, section: u32, parts: u32, D: u32, Fmax: u32, by_token: u32, row_a: u32, row_c4: u32,
  terms: u32, cols: u32, is_down: u32, by_term: u32,
}
@group(0) @binding(0) var<storage, read> table: array<u32>;
@group(0) @binding(1) var<storage, read> experts_E: array<vec4u>;
@group(0) @binding(2) var<storage, read> row_token_J: array<u32>;
@group(0) @binding(3) var<storage, read> a: array<f32>;
@group(0) @binding(4) var<storage, read> b: array<f32>;
@group(0) @binding(5) var<storage, read_write> c: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

// What the terms and the columns are.
const AXIS_CHANNELS: u32 = 0u;
const AXIS_UNITS: u32 = 1u;
const AXIS_GATE_AND_UP: u32 = 2u;

var<private> row0: u32;
var<private> row_end: u32;
var<private> col0: u32;
var<private> cols: u32;
// Hidden width of the expert.
var<private> F: u32;
// First number of its matrix, first vec4 of its columns in a row of `c`.
var<private> weights: u32;
var<private> first_c4: u32;
// Strides of `b`.
var<private> col_b: u32;
var<private> term_b: u32;

fn row_place(row: u32) -> u32 {
  let j = min(row, row_end - 1u);
  if (dims.by_token == 1u) { return row_token_J[j] * dims.row_a; }
  return j * dims.row_a;
}
fn places_a(row: u32) -> vec4u {
  let r = row0 + row;
  return vec4u(row_place(r), row_place(r + 1u), row_place(r + 2u), row_place(r + 3u));
}
fn places_b(col: u32) -> vec4u {
  return weights + min(vec4u(col0 + col) + vec4u(0u, 1u, 2u, 3u), vec4u(cols - 1u)) * col_b;
}
fn terms_at(k: u32) -> vec2u {
  let of_up = dims.terms == AXIS_GATE_AND_UP && k >= F;
  return vec2u(k + select(0u, dims.Fmax - F, of_up), k * term_b);
}

fn store(row: u32, col: u32, values: vec4f) {
  let r = row0 + row;
  if (r >= row_end || col0 + col >= cols) { return; }
  c[r * dims.row_c4 + first_c4 + (col0 + col) / 4u] = values;
}

@compute @workgroup_size(16)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let index = linear_workgroup(workgroup);
  let tile = index / dims.parts;
  let part = index % dims.parts;
  let tiles = section(dims.section, dims.E);
  if (tile >= table[tiles + dims.E]) { return; }
  let e = find_expert(tiles, dims.E, tile);
  let expert = experts_E[e];
  F = 4u * expert.x;
  row_end = table[ROW_START + e + 1u];
  cols = select(dims.D, F, dims.cols != AXIS_CHANNELS);
  let has_matrices = dims.cols == AXIS_GATE_AND_UP;
  weights = 4u * select(expert.y, expert.w, dims.is_down == 1u) + select(0u, part * F * dims.D, has_matrices);
  first_c4 = select(0u, part * dims.Fmax / 4u, has_matrices);
  let width = select(32u * dims.parts, 32u, has_matrices);
  let col_tiles = (cols + width - 1u) / width;
  let here = tile - table[tiles + e];
  row0 = table[ROW_START + e] + here / col_tiles * 64u + local / 4u * 16u;
  col0 = here % col_tiles * width + select(32u * part, 0u, has_matrices);
  if (row0 >= row_end || col0 >= cols) { return; }
  let weight_row = select(dims.D, F, dims.is_down == 1u);
  col_b = select(weight_row, 1u, dims.by_term == 1u);
  term_b = select(1u, weight_row, dims.by_term == 1u);
  let terms = select(dims.terms * F, dims.D, dims.terms == AXIS_CHANNELS);
  store_quad(local % 4u, quad_product(local % 4u, terms));
}
