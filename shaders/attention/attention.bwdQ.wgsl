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
// constants: CP4 (Cp/4: vec4s per head), LANES
// dispatch: one workgroup of GROUP per sequence, query head and ROWS positions (lanes.wgsl)
// writes: overwrites the q heads; padding channels of k are 0, so theirs are
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

const PARTS = CP4;

@compute @workgroup_size(GROUP)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let width = head_width();
  let place = place_of(linear_workgroup(workgroup), dims.H, ROWS);
  if (place.b >= dims.B) { return; }
  let lane = local % LANES;
  let i = place.first + local / LANES;
  let h = place.head;
  let g = h * dims.G / dims.H;
  let t = place.b * dims.S + min(i, dims.S - 1u);
  let row = query_at(t, h);
  let slope = slopes_H[h];
  let softmax = softmax_TH[t * dims.H + h];
  let delta = delta_TH[t * dims.H + h];
  var key = key_at(place.b * dims.S + lane, g);
  var value = value_at(place.b * dims.S + lane, g);
  var q: array<vec4f, CP4>;
  var dout: array<vec4f, CP4>;
  var dq: array<vec4f, CP4>;
  for (var c = 0u; c < width; c++) {
    q[c] = q_TX[row + c];
    dout[c] = dattn_TX[row + c];
  }
  let end = select(0u, i + 1u, i < dims.S);
  for (var j = lane; j < end; j += LANES) {
    var product = 0.0;
    var da = 0.0;
    for (var c = 0u; c < width; c++) {
      product += dot(q[c], k_TX[key + c]);
      da += dot(dout[c], qkv_TX[value + c]);
    }
    let score = fma(-slope, f32(i - j), product * dims.scale);
    let weight = exp(min(score, softmax.x) - softmax.x) * softmax.y;
    // A query that gives one key all of its weight, as the first must, has no gradient, not δ's rounding.
    let ds = select(weight * (da - delta), 0.0, weight == 1.0 || i == 0u);
    for (var c = 0u; c < width; c++) { dq[c] += ds * k_TX[key + c]; }
    key += LANES * dims.G * CP4;
    value += LANES * (dims.H + 2u * dims.G) * CP4;
  }
  let target_row = qkv_at(t, h);
  if (LANES == 1u) {
    for (var c = 0u; end > 0u && c < width; c++) { dqkv_TX[target_row + c] = dq[c] * dims.scale; }
    return;
  }
  for (var c = 0u; c < width; c++) { parts[c * GROUP + local] = dq[c]; }
  workgroupBarrier();
  if (end == 0u) { return; }
  for (var c = lane; c < CP4; c += dims.lanes) {
    dqkv_TX[target_row + c] = sum_of_lanes(c, local - lane) * dims.scale;
  }
}
