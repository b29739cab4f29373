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
// constants: CP4 (Cp/4: vec4s per head), LANES
// dispatch: one workgroup of GROUP per sequence, key/value head and ROWS positions (lanes.wgsl); its rows walk
//   the same queries, so that these are read once for all of them
// writes: overwrites the k and v heads; padding channels of q and do are 0, so theirs are
struct Dims { B: u32, S: u32, H: u32, G: u32, scale: f32, C4: u32, lanes: u32 }
@group(0) @binding(0) var<storage, read> q_TX: array<vec4f>;
@group(0) @binding(1) var<storage, read> k_TX: array<vec4f>;
@group(0) @binding(2) var<storage, read> qkv_TX: array<vec4f>;
@group(0) @binding(3) var<storage, read> slopes_H: array<f32>;
@group(0) @binding(4) var<storage, read> dattn_TX: array<vec4f>;
@group(0) @binding(5) var<storage, read> softmax_TH: array<vec2f>;
@group(0) @binding(6) var<storage, read> delta_TH: array<f32>;
@group(0) @binding(7) var<storage, read_write> dqkv_TX: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

const PARTS = 2u * CP4;

@compute @workgroup_size(GROUP)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let width = head_width();
  let place = place_of(linear_workgroup(workgroup), dims.G, ROWS);
  if (place.b >= dims.B) { return; }
  let lane = local % LANES;
  let j = place.first + local / LANES;
  let g = place.head;
  let t = place.b * dims.S + min(j, dims.S - 1u);
  let key_row = qkv_at(t, dims.H + g);
  let value_row = value_at(t, g);
  var k: array<vec4f, CP4>;
  var v: array<vec4f, CP4>;
  var dk: array<vec4f, CP4>;
  var dv: array<vec4f, CP4>;
  for (var c = 0u; c < width; c++) {
    k[c] = k_TX[key_at(t, g) + c];
    v[c] = qkv_TX[value_row + c];
  }
  let shared_by = dims.H / dims.G;
  for (var h = g * shared_by; h < (g + 1u) * shared_by; h++) {
    let slope = slopes_H[h];
    for (var i = place.first + lane; i < dims.S; i += LANES) {
      if (i < j) { continue; }
      let query = (place.b * dims.S + i) * dims.H + h;
      var product = 0.0;
      var da = 0.0;
      for (var c = 0u; c < width; c++) {
        product += dot(k[c], q_TX[query * CP4 + c]);
        da += dot(v[c], dattn_TX[query * CP4 + c]);
      }
      // To the bit that of attention.fwd: weights are exact only then where scores are large.
      let score = fma(-slope, f32(i - j), product * dims.scale);
      let weight = exp(min(score, softmax_TH[query].x) - softmax_TH[query].x) * softmax_TH[query].y;
      // A query that gives one key all of its weight, as the first must, has no gradient, not δ's rounding.
      let ds = select(weight * (da - delta_TH[query]), 0.0, weight == 1.0 || i == 0u);
      for (var c = 0u; c < width; c++) {
        dk[c] += ds * q_TX[query * CP4 + c];
        dv[c] += weight * dattn_TX[query * CP4 + c];
      }
    }
  }
  if (LANES == 1u) {
    for (var c = 0u; j < dims.S && c < width; c++) {
      dqkv_TX[key_row + c] = dk[c] * dims.scale;
      dqkv_TX[value_row + c] = dv[c];
    }
    return;
  }
  for (var c = 0u; c < width; c++) {
    parts[c * GROUP + local] = dk[c];
    parts[(CP4 + c) * GROUP + local] = dv[c];
  }
  workgroupBarrier();
  if (j >= dims.S) { return; }
  for (var c = lane; c < CP4; c += dims.lanes) {
    dqkv_TX[key_row + c] = sum_of_lanes(c, local - lane) * dims.scale;
    dqkv_TX[value_row + c] = sum_of_lanes(CP4 + c, local - lane);
  }
}
