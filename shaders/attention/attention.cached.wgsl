// Attention of single tokens to the keys and values that are kept of their sequences, 64 positions at a time
// with an online softmax.
// s(j) = q·k(j)/sqrt(C) − slope·(i − j), out = Σ_{j≤i} softmax(s)(j)·v(j)  docs/model.md, "Network"
// bindings (group 0)
//   0 q_TX       array<vec4f>  [T, H·Cp/4]    read
//   1 keys_BSX   array<vec4f>  [B·S, G·Cp/4]  read
//   2 values_BSX array<vec4f>  [B·S, G·Cp/4]  read
//   3 slopes_H   array<f32>    [H]            read       0 without ALiBi
//   4 places_T   array<vec2u>  [T]            read       first row of the token's sequence, its position
//   5 attn_TX    array<vec4f>  [T, H·Cp/4]    readWrite
// constants: CP4 (Cp/4: vec4s per head), CHANNELS (a power of two that holds CP4, at most 64)
// dispatch: one workgroup of 64 per token and query head: an invocation has a position's score, then a vec4
//   of the head over every (64/CHANNELS)-th position
// writes: overwrites; padding channels of values are 0 and stay 0
struct Dims { T: u32, H: u32, G: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> q_TX: array<vec4f>;
@group(0) @binding(1) var<storage, read> keys_BSX: array<vec4f>;
@group(0) @binding(2) var<storage, read> values_BSX: array<vec4f>;
@group(0) @binding(3) var<storage, read> slopes_H: array<f32>;
@group(0) @binding(4) var<storage, read> places_T: array<vec2u>;
@group(0) @binding(5) var<storage, read_write> attn_TX: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

const PARTS: u32 = 64u / CHANNELS;
const PIECES: u32 = (CP4 + CHANNELS - 1u) / CHANNELS;
var<workgroup> weights: array<f32, 64>;
var<workgroup> parts: array<vec4f, 64>;

fn product(query: u32, key: u32) -> f32 {
  var sum = 0.0;
  for (var c = 0u; c < CP4; c++) { sum += dot(q_TX[query + c], keys_BSX[key + c]); }
  return sum;
}

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let index = linear_workgroup(workgroup);
  let t = index / dims.H;
  if (t >= dims.T) { return; }
  let h = index % dims.H;
  let g = h * dims.G / dims.H;
  let place = places_T[t];
  let slope = slopes_H[h];
  let c = local % CHANNELS;
  let part = local / CHANNELS;
  var mixed: array<vec4f, PIECES>;
  var highest = LOWEST;
  var total = 0.0;
  for (var j0 = 0u; j0 <= place.y; j0 += 64u) {
    let j = j0 + local;
    var score = LOWEST;
    if (j <= place.y) {
      let key = ((place.x + j) * dims.G + g) * CP4;
      score = product(index * CP4, key) * dims.scale - slope * f32(place.y - j);
    }
    weights[local] = score;
    workgroupBarrier();
    var largest = highest;
    for (var i = 0u; i < 64u; i++) { largest = max(largest, weights[i]); }
    workgroupBarrier();
    weights[local] = exp(score - largest);
    workgroupBarrier();
    let rescale = exp(highest - largest);
    highest = largest;
    total *= rescale;
    for (var piece = 0u; piece < PIECES; piece++) { mixed[piece] *= rescale; }
    for (var i = part; i < min(64u, place.y + 1u - j0); i += PARTS) {
      let value = ((place.x + j0 + i) * dims.G + g) * CP4 + c;
      total += weights[i];
      for (var piece = 0u; piece < PIECES; piece++) {
        if (piece * CHANNELS + c < CP4) { mixed[piece] += weights[i] * values_BSX[value + piece * CHANNELS]; }
      }
    }
    workgroupBarrier();
  }
  weights[local] = total;
  for (var piece = 0u; piece < PIECES; piece++) {
    workgroupBarrier();
    parts[local] = mixed[piece];
    workgroupBarrier();
    if (part == 0u && piece * CHANNELS + c < CP4) {
      var sum = vec4f();
      var all = 0.0;
      for (var p = 0u; p < PARTS; p++) {
        sum += parts[p * CHANNELS + c];
        all += weights[p * CHANNELS];
      }
      attn_TX[index * CP4 + piece * CHANNELS + c] = sum / all;
    }
  }
}
