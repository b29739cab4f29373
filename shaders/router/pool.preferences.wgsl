// What the tokens of a sequence prefer on average.
// π_i = mean over the sequence of softmax(z)_i          docs/balancing.md, "Document pools"; EMO
// bindings (group 0)
//   0 z_TR   array<f32>  [T, R]  read       rows padded to 4·R4
//   1 lse_T  array<f32>  [T]     read       zloss.fwd of the same logits
//   2 pi_BR  array<f32>  [B, R]  readWrite
// constants: none
// dispatch: one row (common/row) per sequence and slot, slots fastest
// writes: overwrites
struct Dims { B: u32, S: u32, R: u32, R4: u32 }
@group(0) @binding(0) var<storage, read> z_TR: array<f32>;
@group(0) @binding(1) var<storage, read> lse_T: array<f32>;
@group(0) @binding(2) var<storage, read_write> pi_BR: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let i = row_index(workgroup, local);
  let lane = lane_index(local);
  if (i >= dims.B * dims.R) { return; }
  let first = i / dims.R * dims.S;
  let r = i % dims.R;
  var sum = 0.0;
  for (var t = first + lane; t < first + dims.S; t += LANES) {
    sum += exp(z_TR[t * dims.R4 * 4u + r] - lse_T[t]);
  }
  let total = reduce_sum(lane, sum);
  if (lane == 0u) { pi_BR[i] = total / f32(dims.S); }
}
