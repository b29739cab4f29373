// Gradient of attention for the queries.
// forward was: s(j) = q·k(j)/sqrt(C) − slope·(i − j), a = softmax(s), out = Σ_j a(j)·v(j)
// ds(j) = a(j)·(do·v(j) − δ); dq = Σ_{j≤i} ds(j)·k(j)/sqrt(C)             docs/model.md, "Network"
// bindings (group 0)
//   0 q_TX       array<vec4f>  [T, H·Cp/4]         read
//   1 k_TX       array<vec4f>  [T, G·Cp/4]         read
//   2 qkv_TX     array<vec4f>  [T, (H + 2G)·Cp/4]  read       v heads only
//   3 slopes_H   array<f32>    [H]                 read       0 without ALiBi
//   4 dattn_TX   array<vec4f>  [T, H·Cp/4]         read
//   5 softmax_TH array<vec2f>  [T, H]              read       see attention.fwd
//   6 delta_TH   array<f32>    [T, H]              read
//   7 dqkv_TX    array<vec4f>  [T, (H + 2G)·Cp/4]  readWrite  q heads only
// constants: CP4 (Cp/4: vec4s per head)
// dispatch: one workgroup of 64 per sequence, query head and 32 positions (blocks.wgsl)
// writes: overwrites the q heads; padding channels of k are 0, so theirs are
struct Dims { B: u32, S: u32, H: u32, G: u32, scale: f32, C4: u32 }
@group(0) @binding(0) var<storage, read> q_TX: array<vec4f>;
@group(0) @binding(1) var<storage, read> k_TX: array<vec4f>;
@group(0) @binding(2) var<storage, read> qkv_TX: array<vec4f>;
@group(0) @binding(3) var<storage, read> slopes_H: array<f32>;
@group(0) @binding(4) var<storage, read> dattn_TX: array<vec4f>;
@group(0) @binding(5) var<storage, read> softmax_TH: array<vec2f>;
@group(0) @binding(6) var<storage, read> delta_TH: array<f32>;
@group(0) @binding(7) var<storage, read_write> dqkv_TX: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let place = place_of(last_first(linear_workgroup(workgroup), SIDE), dims.H, SIDE);
  if (place.b >= dims.B) { return; }
  first_token = place.b * dims.S;
  h = place.head;
  g = place.head * dims.G / dims.H;
  let rows = place.first + local / 8u + vec4u(0u, 8u, 16u, 24u);
  var highest: vec4f;
  var over_total: vec4f;
  var delta: vec4f;
  for (var n = 0u; n < 4u; n++) {
    let query = (first_token + min(rows[n], dims.S - 1u)) * dims.H + h;
    highest[n] = softmax_TH[query].x;
    over_total[n] = softmax_TH[query].y;
    delta[n] = delta_TH[query];
  }
  var dq: array<mat4x4f, PIECES>;
  for (var j0 = 0u; j0 <= min(place.first + SIDE, dims.S) - 1u; j0 += SIDE) {
    let scores = products(local, Q, place.first, K, j0);
    var ds = products(local, DOUT, place.first, V, j0);
    for (var m = 0u; m < 4u; m++) {
      let j = vec4u(j0 + local % 8u + 8u * m);
      let weight = weights(scores[m], rows, j, highest, over_total);
      ds[m] = score_gradient(weight, ds[m], delta, rows);
    }
    write_block(local, ds);
    for (var piece = 0u; piece < PIECES; piece++) { dq[piece] += weighted(local, K, j0, piece); }
  }
  for (var piece = 0u; piece < PIECES; piece++) {
    let c = 8u * piece + local % 8u;
    for (var n = 0u; n < 4u; n++) {
      if (rows[n] >= dims.S || c >= CP4) { continue; }
      dqkv_TX[qkv_at(first_token + rows[n], h) + c] = dq[piece][n] * dims.scale;
    }
  }
}
