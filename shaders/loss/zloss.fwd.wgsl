// Log of the sum of every token's exponentials, over the slots that are left to it.
// lse = log Σ_i exp(z_i)                                docs/balancing.md, "Losses" and "Document pools"
// bindings (group 0)
//   0 z_TR   array<f32>  [T, R]  read       rows padded to 4·R4; LOWEST where a slot is not left
//   1 lse_T  array<f32>  [T]     readWrite
// constants: none
// dispatch: one invocation per token, workgroups of 64
// writes: overwrites
struct Dims { T: u32, R: u32, R4: u32 }
@group(0) @binding(0) var<storage, read> z_TR: array<f32>;
@group(0) @binding(1) var<storage, read_write> lse_T: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let t = linear_workgroup(workgroup) * 64u + local;
  if (t >= dims.T) { return; }
  let row = t * dims.R4 * 4u;
  var largest = LOWEST;
  for (var r = 0u; r < dims.R; r++) { largest = max(largest, z_TR[row + r]); }
  var sum = 0.0;
  for (var r = 0u; r < dims.R; r++) { sum += exp(z_TR[row + r] - largest); }
  lse_T[t] = largest + log(sum);
}
