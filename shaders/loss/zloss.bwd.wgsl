// Gradient of the router z-loss for the logits.
// forward was: coefficient/T·Σ_t lse²;  dz_i += 2·coefficient/T·lse·exp(z_i − lse)
//                                                                      docs/balancing.md, "Losses"
// bindings (group 0)
//   0 z_TR   array<f32>  [T, R]  read       as zloss.fwd
//   1 lse_T  array<f32>  [T]     read
//   2 dz_TR  array<f32>  [T, R]  readWrite
// constants: none
// dispatch: one invocation per token, workgroups of 64
// writes: accumulates
struct Dims { T: u32, R: u32, R4: u32 }
@group(0) @binding(0) var<storage, read> z_TR: array<f32>;
@group(0) @binding(1) var<storage, read> lse_T: array<f32>;
@group(0) @binding(2) var<storage, read_write> dz_TR: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let t = linear_workgroup(workgroup) * 64u + local;
  if (t >= dims.T) { return; }
  let row = t * dims.R4 * 4u;
  let lse = lse_T[t];
  let scale = 2.0 * step_params.zloss_coefficient / f32(dims.T) * lse;
  for (var r = 0u; r < dims.R; r++) { dz_TR[row + r] += scale * exp(z_TR[row + r] - lse); }
}
