// Gradient of both halves of the SwiGLU experts for their pre-activations.
// forward was: hidden = silu(gate) ⊙ up;  y = hidden·Wdᵀ;  out[t] += coef·y[j]
// dhidden = coef·(dout[t]·Wd);  dup = dhidden·silu(gate);
// dgate = dhidden·up·σ(gate)·(1 + gate·(1 − σ(gate)))                   docs/model.md, "5. Experts"
// bindings (group 0)
//   0 table       array<u32>    routing table   read
//   1 experts_E   array<vec4u>  [E] (F4, gate, up, down offsets in vec4)  read
//   2 row_token_J array<u32>    [J]             read
//   3 row_coef_J  array<f32>    [J] sign · routing weight  read
//   4 dout_TD     array<vec4f>  [T, D4]         read
//   5 w           array<vec4f>  experts' weights: down [D, F4]  read
//   6 gate_up_JF  array<vec4f>  [J, 2, Fmax4]   readWrite  in: gate and up; out: their gradients
//   7 hidden_JF   array<vec4f>  [J, Fmax4]      readWrite  out: coef · hidden, for expertDown.bwdW
// constants: TM, TN = 1, ROW_STEP, COL_STEP (tile)
// dispatch: one workgroup of 64 per tile of 32·TM rows × 32 hidden units, an upper bound of tiles
// writes: overwrites the live rows of each expert up to its width
struct Dims { E: u32, D4: u32, Fmax4: u32 }
@group(0) @binding(0) var<storage, read> table: array<u32>;
@group(0) @binding(1) var<storage, read> experts_E: array<vec4u>;
@group(0) @binding(2) var<storage, read> row_token_J: array<u32>;
@group(0) @binding(3) var<storage, read> row_coef_J: array<f32>;
@group(0) @binding(4) var<storage, read> dout_TD: array<vec4f>;
@group(0) @binding(5) var<storage, read> w: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> gate_up_JF: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> hidden_JF: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

const TILES = SECTION_TILES_F;
const A_BY_TERM = false;
const B_BY_TERM = true;

fn product_of(F4: u32, begin: u32, end: u32) -> Product { return Product(begin, F4, dims.D4); }

fn place_a(i: u32, row: u32, n: u32) -> u32 { return token_place(row + n); }
fn load_a(place: u32, k: u32, n: u32) -> vec4f { return dout_TD[place + k]; }
fn place_b(j: u32, col: u32, n: u32) -> u32 { return expert.w + term_place(col, n, expert.x, expert.x); }
fn load_b(place: u32, k: u32, n: u32) -> vec4f { return w[place + 4u * k * expert.x]; }

fn store(row: u32, col: u32, values: vec4f) {
  if (row >= row_end || col >= expert.x) { return; }
  let at_gate = 2u * row * dims.Fmax4 + col;
  let at_up = at_gate + dims.Fmax4;
  let gate = gate_up_JF[at_gate];
  let up = gate_up_JF[at_up];
  let s = sigmoid4(gate);
  let coef = row_coef_J[row];
  let dhidden = coef * values;
  gate_up_JF[at_gate] = dhidden * up * s * (1.0 + gate * (1.0 - s));
  gate_up_JF[at_up] = dhidden * gate * s;
  hidden_JF[row * dims.Fmax4 + col] = coef * gate * s * up;
}
