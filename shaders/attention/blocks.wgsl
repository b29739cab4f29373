// Prelude of attention: blocks of 32 × 32 scores of one head, rows × columns. A workgroup of 64 is a grid
// of 8×8 invocations; (r, c) has rows r + 8n and columns c + 8m of a block, n and m from 0 to 3, and of what
// is summed into the rows their vec4s c + 8w. Heads pass through workgroup memory, 8 vec4s at a time.
// constants: CP4. The including file defines
//   load(what, position, c) -> vec4f   vec4 c of a head at a position of the sequence
const SIDE: u32 = 32u;
// What `load` is asked for.
const Q: u32 = 0u;
const K: u32 = 1u;
const V: u32 = 2u;
const DOUT: u32 = 3u;
// Pieces of 8 vec4s of a head.
const PIECES: u32 = (CP4 + 7u) / 8u;
// [piece's vec4, row], a vec4 apart from a power of two, as memory banks like it.
var<workgroup> heads_a: array<vec4f, 264>;
var<workgroup> heads_b: array<vec4f, 264>;
// [column, r]: of the rows r + 8n of a column.
var<workgroup> block: array<vec4f, 288>;

// Rows of the pieces that lie in workgroup memory: 0 past the sequence and past the head.
fn staged(what: u32, position: u32, c: u32) -> vec4f {
  if (position >= dims.S || c >= CP4) { return vec4f(); }
  return load(what, position, c);
}
fn stage_a(local: u32, what: u32, first: u32, piece: u32) {
  for (var i = local; i < 8u * SIDE; i += 64u) {
    heads_a[i % 8u * 33u + i / 8u] = staged(what, first + i / 8u, 8u * piece + i % 8u);
  }
}
fn stage_b(local: u32, what: u32, first: u32, piece: u32) {
  for (var i = local; i < 8u * SIDE; i += 64u) {
    heads_b[i % 8u * 33u + i / 8u] = staged(what, first + i / 8u, 8u * piece + i % 8u);
  }
}

// Products of the heads `a` of the rows and `b` of the columns: column m of the result is that of a block,
// component n its row. Vec4 by vec4 in their order, so that all kernels get the same bits.
fn products(local: u32, a: u32, first_a: u32, b: u32, first_b: u32) -> mat4x4f {
  let r = local / 8u;
  let c = local % 8u;
  var sums: mat4x4f;
  for (var piece = 0u; piece < PIECES; piece++) {
    workgroupBarrier();
    stage_a(local, a, first_a, piece);
    stage_b(local, b, first_b, piece);
    workgroupBarrier();
    for (var k = 0u; k < min(8u, dims.C4 - 8u * piece); k++) {
      let a0 = heads_a[k * 33u + r];
      let a1 = heads_a[k * 33u + r + 8u];
      let a2 = heads_a[k * 33u + r + 16u];
      let a3 = heads_a[k * 33u + r + 24u];
      for (var m = 0u; m < 4u; m++) {
        let b = heads_b[k * 33u + c + 8u * m];
        sums[m] += vec4f(dot(a0, b), dot(a1, b), dot(a2, b), dot(a3, b));
      }
    }
  }
  return sums;
}

fn write_block(local: u32, values: mat4x4f) {
  for (var m = 0u; m < 4u; m++) { block[(local % 8u + 8u * m) * 9u + local / 8u] = values[m]; }
}

// What the block adds to a piece of its rows: Σ over columns of block · the column's head.
fn weighted(local: u32, what: u32, first: u32, piece: u32) -> mat4x4f {
  workgroupBarrier();
  stage_b(local, what, first, piece);
  workgroupBarrier();
  var sums: mat4x4f;
  for (var column = 0u; column < min(SIDE, dims.S - first); column++) {
    let weights = block[column * 9u + local / 8u];
    let head = heads_b[local % 8u * 33u + column];
    sums[0] += weights.x * head;
    sums[1] += weights.y * head;
    sums[2] += weights.z * head;
    sums[3] += weights.w * head;
  }
  return sums;
}
