// Prelude of attention's bodies for software adapters: four neighbours own rows of one head together, and
// each has every fourth block of four channels of them, so that no index into registers varies. Scores
// are sums over channels: the neighbours add up their parts, and then each goes on with the softmax of
// one row in four and shows it to the others. What is done for every pair of blocks calls little: those
// adapters hand values of inlined functions over through memory.
// constants: CP4 (at most 8), BLOCKS (blocks of four channels per invocation: 1 or 2)

// Blocks of four rows (columns of a matrix) × four channels: c = lane, lane + 4.
alias Channels = array<mat4x4f, BLOCKS>;

var<private> lane: u32;

// The vector at channel block c of a row, 0 past the last block.
fn channel(c: u32) -> u32 { return min(c, CP4 - 1u); }
fn live(value: vec4f, c: u32) -> vec4f { return select(vec4f(), value, c < CP4); }

// The own row of a block of scores, from the parts of all neighbours.
fn own_row(part: mat4x4f) -> vec4f {
  let pair = part + mat4x4f(quadSwapX(part[0]), quadSwapX(part[1]), quadSwapX(part[2]), quadSwapX(part[3]));
  let sum = pair + mat4x4f(quadSwapY(pair[0]), quadSwapY(pair[1]), quadSwapY(pair[2]), quadSwapY(pair[3]));
  return row_of(sum, lane);
}

// Column n times by[n].
fn rescaled(x: mat4x4f, by: vec4f) -> mat4x4f {
  return mat4x4f(x[0] * by.x, x[1] * by.y, x[2] * by.z, x[3] * by.w);
}

// Positions of four rows.
fn four(first: u32) -> vec4f { return vec4f(vec4u(first) + vec4u(0u, 1u, 2u, 3u)); }
// The first numbers of four vectors, the second, and the third.
fn firsts(x: mat4x4f) -> vec4f { return vec4f(x[0].x, x[1].x, x[2].x, x[3].x); }
fn seconds(x: mat4x4f) -> vec4f { return vec4f(x[0].y, x[1].y, x[2].y, x[3].y); }
fn thirds(x: mat4x4f) -> vec4f { return vec4f(x[0].z, x[1].z, x[2].z, x[3].z); }

fn sum4(x: vec4f) -> f32 { return (x.x + x.y) + (x.z + x.w); }
fn max4(x: vec4f) -> f32 { return max(max(x.x, x.y), max(x.z, x.w)); }
