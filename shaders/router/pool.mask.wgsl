// Logits as the pool of the sequence leaves them: z, and the lowest number outside.
//                                                                 docs/balancing.md, "Document pools"
// bindings (group 0)
//   0 z_TR     array<f32>  [T, R]  read       rows padded to 4·R4
//   1 pool_BR  array<u32>  [B, R]  read       pool.fwd
//   2 left_TR  array<f32>  [T, R]  readWrite
// constants: none
// dispatch: one invocation per element of z_TR, workgroups of 64
// writes: overwrites; padding as in z
struct Dims { T: u32, S: u32, R: u32, R4: u32 }
@group(0) @binding(0) var<storage, read> z_TR: array<f32>;
@group(0) @binding(1) var<storage, read> pool_BR: array<u32>;
@group(0) @binding(2) var<storage, read_write> left_TR: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let i = linear_workgroup(workgroup) * 64u + local;
  let width = dims.R4 * 4u;
  if (i >= dims.T * width) { return; }
  let r = i % width;
  let b = i / width / dims.S;
  let is_out = r < dims.R && pool_BR[b * dims.R + min(r, dims.R - 1u)] == 0u;
  left_TR[i] = select(z_TR[i], LOWEST, is_out);
}
