// Causal attention, one query row at a time with an online softmax; no score is stored.
// s(j) = q·k(j)/sqrt(C) − slope·(i − j), out = Σ_{j≤i} softmax(s)(j)·v(j)  docs/model.md, "Network"
// bindings (group 0)
//   0 q_TX       array<vec4f>  [T, H·Cp/4]         read
//   1 k_TX       array<vec4f>  [T, G·Cp/4]         read
//   2 qkv_TX     array<vec4f>  [T, (H + 2G)·Cp/4]  read       v heads only
//   3 slopes_H   array<f32>    [H]                 read       0 without ALiBi
//   4 attn_TX    array<vec4f>  [T, H·Cp/4]         readWrite
//   5 softmax_TH array<vec2f>  [T, H]              readWrite  saved for backward: the largest s and
//     1 / Σ exp(s − largest)
// constants: CP4 (Cp/4: vec4s per head), LANES
// dispatch: one workgroup of GROUP per sequence, query head and ROWS positions (lanes.wgsl)
// writes: overwrites; padding channels of v are 0 and stay 0
struct Dims { B: u32, S: u32, H: u32, G: u32, scale: f32, C4: u32, lanes: u32 }
@group(0) @binding(0) var<storage, read> q_TX: array<vec4f>;
@group(0) @binding(1) var<storage, read> k_TX: array<vec4f>;
@group(0) @binding(2) var<storage, read> qkv_TX: array<vec4f>;
@group(0) @binding(3) var<storage, read> slopes_H: array<f32>;
@group(0) @binding(4) var<storage, read_write> attn_TX: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> softmax_TH: array<vec2f>;
@group(1) @binding(0) var<uniform> dims: Dims;

const PARTS = CP4;
var<workgroup> softmax_parts: array<vec2f, GROUP>;

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
  var key = key_at(place.b * dims.S + lane, g);
  var value = value_at(place.b * dims.S + lane, g);
  var q: array<vec4f, CP4>;
  var mixed: array<vec4f, CP4>;
  for (var c = 0u; c < width; c++) { q[c] = q_TX[row + c]; }
  var highest = LOWEST;
  var total = 0.0;
  let end = select(0u, i + 1u, i < dims.S);
  for (var j = lane; j < end; j += LANES) {
    var product = 0.0;
    for (var c = 0u; c < width; c++) { product += dot(q[c], k_TX[key + c]); }
    let score = fma(-slope, f32(i - j), product * dims.scale);
    if (score > highest) {
      let rescale = exp(highest - score);
      total *= rescale;
      for (var c = 0u; c < width; c++) { mixed[c] *= rescale; }
      highest = score;
    }
    let weight = exp(score - highest);
    total += weight;
    for (var c = 0u; c < width; c++) { mixed[c] += weight * qkv_TX[value + c]; }
    key += LANES * dims.G * CP4;
    value += LANES * (dims.H + 2u * dims.G) * CP4;
  }
  if (LANES == 1u) {
    if (end > 0u) {
      for (var c = 0u; c < width; c++) { attn_TX[row + c] = mixed[c] / total; }
      softmax_TH[t * dims.H + h] = vec2f(highest, 1.0 / total);
    }
    return;
  }
  softmax_parts[local] = vec2f(highest, total);
  for (var c = 0u; c < width; c++) { parts[c * GROUP + local] = mixed[c]; }
  workgroupBarrier();
  if (end == 0u) { return; }
  let first = local - lane;
  var largest = LOWEST;
  for (var n = 0u; n < dims.lanes; n++) { largest = max(largest, softmax_parts[first + n].x); }
  var sum = 0.0;
  for (var n = 0u; n < dims.lanes; n++) {
    sum += softmax_parts[first + n].y * exp(softmax_parts[first + n].x - largest);
  }
  for (var c = lane; c < CP4; c += dims.lanes) {
    var out = vec4f();
    for (var n = 0u; n < dims.lanes; n++) {
      out += parts[c * GROUP + first + n] * exp(softmax_parts[first + n].x - largest);
    }
    attn_TX[row + c] = out / sum;
  }
  if (lane == 0u) { softmax_TH[t * dims.H + h] = vec2f(largest, 1.0 / sum); }
}
