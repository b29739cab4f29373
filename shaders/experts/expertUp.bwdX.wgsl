// Gradient of the experts' first half for its input, rows in expert order.
// forward was: gate = m·Wgᵀ, up = m·Wuᵀ;  dm[j] = dgate·Wg + dup·Wu     docs/model.md, "5. Experts"
// bindings (group 0)
//   0 table       array<u32>    routing table  read
//   1 experts_E   array<vec4u>  [E] (F4, gate, up, down offsets in vec4)  read
//   2 dgate_up_JF array<vec4f>  [J, 2, Fmax4]  read
//   3 w           array<vec4f>  experts' weights: gate, up [F, D4], up right after gate  read
//   4 dm_JD       array<vec4f>  [J, D4]        readWrite
// constants: TM, TN, ROW_STEP, COL_STEP (tile)
// dispatch: one workgroup of 64 per tile of 32·TM rows × 32·TN channels, an upper bound of tiles
// writes: overwrites every live row; rows past them stay
struct Dims { E: u32, D4: u32, Fmax4: u32 }
@group(0) @binding(0) var<storage, read> table: array<u32>;
@group(0) @binding(1) var<storage, read> experts_E: array<vec4u>;
@group(0) @binding(2) var<storage, read> dgate_up_JF: array<vec4f>;
@group(0) @binding(3) var<storage, read> w: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dm_JD: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

const TILES = SECTION_TILES_D;
const A_BY_TERM = false;
const B_BY_TERM = true;

fn product_of(F4: u32, begin: u32, end: u32) -> Product { return Product(begin, dims.D4, 2u * F4); }

fn place_a(i: u32, row: u32, n: u32) -> u32 { return row_place(row + n, row_end, 2u * dims.Fmax4); }
// k runs over the blocks of gate, then over those of up.
fn load_a(place: u32, k: u32, n: u32) -> vec4f {
  return dgate_up_JF[place + k + select(dims.Fmax4 - expert.x, 0u, k < expert.x)];
}
fn place_b(j: u32, col: u32, n: u32) -> u32 { return expert.y + term_place(col, n, dims.D4, dims.D4); }
fn load_b(place: u32, k: u32, n: u32) -> vec4f { return w[place + 4u * k * dims.D4]; }

fn store(row: u32, col: u32, values: vec4f) {
  if (row >= row_end || col >= dims.D4) { return; }
  dm_JD[row * dims.D4 + col] = values;
}
