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

const TILES = SECTION_TILES_D;
const A_BY_TERM = false;
const B_BY_TERM = false;

fn product_of(F4: u32, begin: u32, end: u32) -> Product { return Product(begin, dims.D4, F4); }

fn place_a(i: u32, row: u32, n: u32) -> u32 { return row_place(row + n, row_end, dims.Fmax4); }
fn load_a(place: u32, k: u32, n: u32) -> vec4f { return hidden_JF[place + k]; }
fn place_b(j: u32, col: u32, n: u32) -> u32 { return expert.w + column_place(col, n, dims.D4, expert.x); }
fn load_b(place: u32, k: u32, n: u32) -> vec4f { return w[place + k]; }

fn store(row: u32, col: u32, values: vec4f) {
  if (row >= row_end || col >= dims.D4) { return; }
  y_JD[row * dims.D4 + col] = values;
}
