// Moves the selection bias of a layer to the quantiles of what its slots would need: the body of
// biasRule.quantile for software adapters, one invocation without workgroup memory.
// b ← λ·b + (1 − λ)·q, then b ← b − mean(b); q between the sorted keys `low` and `low` + 1
//                                 docs/balancing.md, "Selection bias"; Su (kexue.fm 11619), Kimi K3 13–14
// bindings (group 0)
//   0 key_RT  array<u32>  [R, T]  read       biasRule.keys
//   1 state   array<u32>  [3]     read       of clip.finish: 0 halted
//   2 bias_R  array<f32>  [R]     readWrite
//   3 ring    array<f32>  telemetry  readWrite  b after the step
// constants: none
// dispatch: one invocation
// writes: updates in place
struct Dims { T: u32, R: u32, low: u32, record: u32, offset: u32, part: f32, smoothing: f32 }
@group(0) @binding(0) var<storage, read> key_RT: array<u32>;
@group(0) @binding(1) var<storage, read> state: array<u32>;
@group(0) @binding(2) var<storage, read_write> bias_R: array<f32>;
@group(0) @binding(3) var<storage, read_write> ring: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

var<private> counts: array<u32, 256>;

fn quantile(r: u32) -> f32 {
  let start = r * dims.T;
  var found = 0u;
  var place = dims.low;
  var equal = 0u;
  for (var round = 0u; round < 4u; round++) {
    let shift = 24u - 8u * round;
    for (var d = 0u; d < 256u; d++) { counts[d] = 0u; }
    for (var t = 0u; t < dims.T; t++) {
      let key = key_RT[start + t];
      // Shifts by 32 are none.
      if (round == 0u || (key >> (shift + 8u)) == found) { counts[(key >> shift) & 255u] += 1u; }
    }
    var digit = 0u;
    while (counts[digit] <= place) {
      place -= counts[digit];
      digit++;
    }
    equal = counts[digit];
    found = (found << 8u) | digit;
  }
  let low = value_of(found);
  if (place + 1u < equal || dims.part == 0.0) { return low; }
  var behind = 0xffffffffu;
  for (var t = 0u; t < dims.T; t++) {
    let key = key_RT[start + t];
    if (key > found) { behind = min(behind, key); }
  }
  return low + dims.part * (value_of(behind) - low);
}

fn move_bias() {
  var mean = 0.0;
  for (var r = 0u; r < dims.R; r++) {
    bias_R[r] = dims.smoothing * bias_R[r] + (1.0 - dims.smoothing) * quantile(r);
    mean += bias_R[r] / f32(dims.R);
  }
  for (var r = 0u; r < dims.R; r++) { bias_R[r] -= mean; }
}

@compute @workgroup_size(1)
fn main() {
  if (state[0] == 0u) { move_bias(); }
  let record = step_params.ring_slot * dims.record + dims.offset;
  for (var r = 0u; r < dims.R; r++) { ring[record + r] = bias_R[r]; }
}
