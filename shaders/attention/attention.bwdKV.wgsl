// Gradient of attention for keys and values: a key row gathers from every query that sees it.
// forward was: s(i) = q(i)·k/sqrt(C) − slope·(i − j), a = softmax(s), out(i) = Σ_j a(i, j)·v(j)
// dv = Σ_{h,i≥j} a(i)·do(i); dk = Σ_{h,i≥j} a(i)·(do(i)·v − δ(i))·q(i)/sqrt(C)
// docs/model.md, "Network"
// bindings (group 0)
//   0 q_TX       array<vec4f>  [T, H·Cp/4]         read
//   1 k_TX       array<vec4f>  [T, G·Cp/4]         read
//   2 qkv_TX     array<vec4f>  [T, (H + 2G)·Cp/4]  read       v heads only
//   3 slopes_H   array<f32>    [H]                 read       0 without ALiBi
//   4 dattn_TX   array<vec4f>  [T, H·Cp/4]         read
//   5 softmax_TH array<vec2f>  [T, H]              read       see attention.fwd
//   6 delta_TH   array<f32>    [T, H]              read
//   7 dqkv_TX    array<vec4f>  [T, (H + 2G)·Cp/4]  readWrite  k and v heads only
// constants: CP4 (Cp/4: vec4s per head)
// dispatch: one workgroup of 64 per sequence, key/value head and 32 positions (blocks.wgsl)
// writes: overwrites the k and v heads; padding channels of q and do are 0, so theirs are
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
  let place = place_of(linear_workgroup(workgroup), dims.G, SIDE);
  if (place.b >= dims.B) { return; }
  first_token = place.b * dims.S;
  g = place.head;
  let rows = place.first + local / 8u + vec4u(0u, 8u, 16u, 24u);
  var dk: array<mat4x4f, PIECES>;
  var dv: array<mat4x4f, PIECES>;
  let shared_by = dims.H / dims.G;
  for (var head = place.head * shared_by; head < (place.head + 1u) * shared_by; head++) {
    h = head;
    for (var i0 = place.first; i0 < dims.S; i0 += SIDE) {
      var weight = products(local, K, place.first, Q, i0);
      var ds = products(local, V, place.first, DOUT, i0);
      for (var m = 0u; m < 4u; m++) {
        let i = i0 + local % 8u + 8u * m;
        let query = (first_token + min(i, dims.S - 1u)) * dims.H + head;
        let softmax = softmax_TH[query];
        weight[m] = weights(weight[m], vec4u(i), rows, vec4f(softmax.x), vec4f(softmax.y));
        ds[m] = score_gradient(weight[m], ds[m], vec4f(delta_TH[query]), vec4u(i));
      }
      write_block(local, weight);
      for (var piece = 0u; piece < PIECES; piece++) { dv[piece] += weighted(local, DOUT, i0, piece); }
      workgroupBarrier();
      write_block(local, ds);
      for (var piece = 0u; piece < PIECES; piece++) { dk[piece] += weighted(local, Q, i0, piece); }
    }
  }
  for (var piece = 0u; piece < PIECES; piece++) {
    let c = 8u * piece + local % 8u;
    for (var n = 0u; n < 4u; n++) {
      if (rows[n] >= dims.S || c >= CP4) { continue; }
      dqkv_TX[qkv_at(first_token + rows[n], dims.H + place.head) + c] = dk[piece][n] * dims.scale;
      dqkv_TX[value_at(first_token + rows[n], place.head) + c] = dv[piece][n];
    }
  }
}
