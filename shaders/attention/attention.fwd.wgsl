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
// dispatch: one workgroup of 64 per sequence, query head and 64 / LANES positions
// writes: overwrites; padding channels of v are 0 and stay 0
struct Dims { B: u32, S: u32, H: u32, G: u32, scale: f32, C4: u32 }
@group(0) @binding(0) var<storage, read> q_TX: array<vec4f>;
@group(0) @binding(1) var<storage, read> k_TX: array<vec4f>;
@group(0) @binding(2) var<storage, read> qkv_TX: array<vec4f>;
@group(0) @binding(3) var<storage, read> slopes_H: array<f32>;
@group(0) @binding(4) var<storage, read_write> attn_TX: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> softmax_TH: array<vec2f>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
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
  let largest = highest_of_lanes(local, highest);
  let rescale = exp(highest - largest);
  let sum = sum_of_lanes(local, vec4f(total * rescale)).x;
  for (var c = 0u; c < width; c++) {
    let out = sum_of_lanes(local, mixed[c] * rescale);
    if (end > 0u && c % LANES == lane) { attn_TX[row + c] = out / sum; }
  }
  if (end > 0u && lane == 0u) { softmax_TH[t * dims.H + h] = vec2f(largest, 1.0 / sum); }
}
