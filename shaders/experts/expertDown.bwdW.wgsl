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

const TILES = SECTION_TILES_DOWN_W;
const A_BY_TERM = true;
const B_BY_TERM = true;

fn product_of(F4: u32, begin: u32, end: u32) -> Product { return Product(0u, F4, (end - begin + 3u) / 4u); }

// Terms past the last row count 0: `dout` is 0 there, and `hidden` that of the last row.
fn place_a(i: u32, row: u32, n: u32) -> u32 { return min(row / 4u, dims.D4 - 1u); }
fn load_a(place: u32, k: u32, n: u32) -> vec4f {
  let j = row_begin + 4u * k + n;
  return select(vec4f(), dout_TD[token_place(j) + place], j < row_end);
}
fn place_b(j: u32, col: u32, n: u32) -> u32 { return min(col, expert.x - 1u); }
fn load_b(place: u32, k: u32, n: u32) -> vec4f {
  return hidden_JF[row_place(row_begin + 4u * k + n, row_end, dims.Fmax4) + place];
}

fn store(row: u32, col: u32, values: vec4f) {
  if (row >= 4u * dims.D4 || col >= expert.x) { return; }
  dw[expert.w + row * expert.x + col] = values;
}
