// Moves the selection bias of a layer to the quantiles of what its slots would need, found digit by digit;
// nothing changes once the run has halted.
// b ← λ·b + (1 − λ)·q, then b ← b − mean(b); q between the sorted keys `low` and `low` + 1
//                                 docs/balancing.md, "Selection bias"; Su (kexue.fm 11619), Kimi K3 13–14
// bindings (group 0)
//   0 key_RT  array<u32>  [R, T]  read       biasRule.keys
//   1 state   array<u32>  [3]     read       of clip.finish: 0 halted
//   2 bias_R  array<f32>  [R]     readWrite
//   3 ring    array<f32>  telemetry  readWrite  b after the step
// constants: none
// dispatch: one workgroup of 256, R at most 64
// writes: updates in place. Integer atomics count keys: order cannot show.
struct Dims { T: u32, R: u32, low: u32, record: u32, offset: u32, part: f32, smoothing: f32 }
@group(0) @binding(0) var<storage, read> key_RT: array<u32>;
@group(0) @binding(1) var<storage, read> state: array<u32>;
@group(0) @binding(2) var<storage, read_write> bias_R: array<f32>;
@group(0) @binding(3) var<storage, read_write> ring: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

// Keys by slot and digit of four bits; of those with the digits found so far.
var<workgroup> counts: array<atomic<u32>, 1024>;
// By slot: the digits found, the place of `low` among the keys that have them, the key behind.
var<workgroup> found: array<u32, 64>;
var<workgroup> place: array<u32, 64>;
var<workgroup> behind: array<atomic<u32>, 64>;
var<workgroup> moved: array<f32, 64>;

fn next_digit(r: u32) {
  var before = 0u;
  var digit = 0u;
  for (var d = 0u; d < 16u; d++) {
    let count = atomicLoad(&counts[16u * r + d]);
    if (before + count > place[r]) {
      digit = d;
      // In the last round all of these are one key: the one behind may be the same.
      if (before + count > place[r] + 1u) { atomicStore(&behind[r], 0u); }
      break;
    }
    before += count;
  }
  found[r] = (found[r] << 4u) | digit;
  place[r] -= before;
}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) local: u32) {
  let keys = dims.R * dims.T;
  if (local < dims.R) {
    found[local] = 0u;
    place[local] = dims.low;
  }
  for (var round = 0u; round < 8u; round++) {
    let shift = 28u - 4u * round;
    for (var i = local; i < 16u * dims.R; i += 256u) { atomicStore(&counts[i], 0u); }
    if (local < dims.R) { atomicStore(&behind[local], 0xffffffffu); }
    workgroupBarrier();
    for (var i = local; i < keys; i += 256u) {
      let r = i / dims.T;
      let key = key_RT[i];
      // Shifts by 32 are none.
      let is_open = round == 0u || (key >> (shift + 4u)) == found[r];
      if (is_open) { atomicAdd(&counts[16u * r + ((key >> shift) & 15u)], 1u); }
    }
    workgroupBarrier();
    if (local < dims.R) { next_digit(local); }
    workgroupBarrier();
  }
  for (var i = local; i < keys; i += 256u) {
    let r = i / dims.T;
    if (key_RT[i] > found[r]) { atomicMin(&behind[r], key_RT[i]); }
  }
  workgroupBarrier();
  if (local < dims.R) {
    let low = value_of(found[local]);
    let next = atomicLoad(&behind[local]);
    let high = value_of(select(next, found[local], next == 0u || next == 0xffffffffu));
    let q = low + dims.part * (high - low);
    moved[local] = dims.smoothing * bias_R[local] + (1.0 - dims.smoothing) * q;
  }
  workgroupBarrier();
  if (local >= dims.R) { return; }
  var mean = 0.0;
  for (var r = 0u; r < dims.R; r++) { mean += moved[r] / f32(dims.R); }
  if (state[0] == 0u) { bias_R[local] = moved[local] - mean; }
  ring[step_params.ring_slot * dims.record + dims.offset + local] = bias_R[local];
}
