// Causal attention by blocks of queries and keys with an online softmax; no score is stored.
// s(j) = q·k(j)/sqrt(C) − slope·(i − j), out = Σ_{j≤i} softmax(s)(j)·v(j)  docs/model.md, "Network"
// bindings (group 0)
//   0 q_TX       array<vec4f>  [T, H·Cp/4]         read
//   1 k_TX       array<vec4f>  [T, G·Cp/4]         read
//   2 qkv_TX     array<vec4f>  [T, (H + 2G)·Cp/4]  read       v heads only
//   3 slopes_H   array<f32>    [H]                 read       0 without ALiBi
//   4 attn_TX    array<vec4f>  [T, H·Cp/4]         readWrite
//   5 softmax_TH array<vec2f>  [T, H]              readWrite  saved for backward: the largest s and
//     1 / Σ exp(s − largest)
// constants: CP4 (Cp/4: vec4s per head)
// dispatch: one workgroup of 64 per sequence, query head and 32 positions (blocks.wgsl)
// writes: overwrites; padding channels of v are 0 and stay 0
struct Dims { B: u32, S: u32, H: u32, G: u32, scale: f32, C4: u32 }
@group(0) @binding(0) var<storage, read> q_TX: array<vec4f>;
@group(0) @binding(1) var<storage, read> k_TX: array<vec4f>;
@group(0) @binding(2) var<storage, read> qkv_TX: array<vec4f>;
@group(0) @binding(3) var<storage, read> slopes_H: array<f32>;
@group(0) @binding(4) var<storage, read_write> attn_TX: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> softmax_TH: array<vec2f>;
@group(1) @binding(0) var<uniform> dims: Dims;

// First token of the sequence, query head and key/value head of the workgroup.
var<private> first_token: u32;
var<private> h: u32;
var<private> g: u32;
// [c, r]: what an invocation knows of its rows.
var<workgroup> of_rows: array<vec4f, 64>;

fn load(what: u32, position: u32, c: u32) -> vec4f {
  let t = first_token + position;
  switch what {
    case Q: { return q_TX[query_at(t, h) + c]; }
    case K: { return k_TX[key_at(t, g) + c]; }
    default: { return qkv_TX[value_at(t, g) + c]; }
  }
}

fn store(piece: u32, local: u32, rows: vec4u, values: mat4x4f) {
  let c = 8u * piece + local % 8u;
  for (var n = 0u; n < 4u; n++) {
    if (rows[n] < dims.S && c < CP4) { attn_TX[query_at(first_token + rows[n], h) + c] = values[n]; }
  }
}

fn scaled(values: mat4x4f, by: vec4f) -> mat4x4f {
  return mat4x4f(values[0] * by.x, values[1] * by.y, values[2] * by.z, values[3] * by.w);
}

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let place = place_of(last_first(linear_workgroup(workgroup), SIDE), dims.H, SIDE);
  if (place.b >= dims.B) { return; }
  first_token = place.b * dims.S;
  h = place.head;
  g = place.head * dims.G / dims.H;
  let slope = slopes_H[place.head];
  let r = local / 8u;
  let rows = place.first + r + vec4u(0u, 8u, 16u, 24u);
  var mixed: array<mat4x4f, PIECES>;
  var highest = vec4f(LOWEST);
  var total = vec4f();
  for (var j0 = 0u; j0 <= min(place.first + SIDE, dims.S) - 1u; j0 += SIDE) {
    var scores = products(local, Q, place.first, K, j0);
    var largest = highest;
    for (var m = 0u; m < 4u; m++) {
      let j = j0 + local % 8u + 8u * m;
      let score = fma(vec4f(-slope), vec4f(rows - j), scores[m] * dims.scale);
      scores[m] = select(vec4f(LOWEST), score, rows >= vec4u(j));
      largest = max(largest, scores[m]);
    }
    of_rows[local % 8u * 8u + r] = largest;
    workgroupBarrier();
    for (var c = 0u; c < 8u; c++) { largest = max(largest, of_rows[c * 8u + r]); }
    let rescale = exp(highest - largest);
    highest = largest;
    total *= rescale;
    for (var m = 0u; m < 4u; m++) {
      scores[m] = exp(scores[m] - highest);
      total += scores[m];
    }
    write_block(local, scores);
    for (var piece = 0u; piece < PIECES; piece++) {
      mixed[piece] = scaled(mixed[piece], rescale) + weighted(local, V, j0, piece);
    }
  }
  workgroupBarrier();
  of_rows[local % 8u * 8u + r] = total;
  workgroupBarrier();
  var sum = vec4f();
  for (var c = 0u; c < 8u; c++) { sum += of_rows[c * 8u + r]; }
  for (var piece = 0u; piece < PIECES; piece++) { store(piece, local, rows, scaled(mixed[piece], 1.0 / sum)); }
  for (var n = 0u; n < 4u; n++) {
    if (local % 8u > 0u || rows[n] >= dims.S) { continue; }
    softmax_TH[(first_token + rows[n]) * dims.H + h] = vec2f(highest[n], 1.0 / sum[n]);
  }
}
