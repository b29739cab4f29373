// Logits that an intervention leaves: z, and the lowest number for the slots that are not left.
// `keepOnly`, `removeKind`                                    docs/analysis.md, "Inspection", step 2
// bindings (group 0)
//   0 z_TR      array<f32>  [T, R]    read       rows padded to 4·R4
//   1 requests  array<u32>  requests  read
//   2 left_TR   array<f32>  [T, R]    readWrite
// constants: none
// dispatch: one invocation per element of z_TR, workgroups of 64
// writes: overwrites; padding as in z
struct Dims { T: u32, R: u32, R4: u32, request: u32 }
@group(0) @binding(0) var<storage, read> z_TR: array<f32>;
@group(0) @binding(1) var<storage, read> requests: array<u32>;
@group(0) @binding(2) var<storage, read_write> left_TR: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let i = linear_workgroup(workgroup) * 64u + local;
  if (i >= dims.T * dims.R4 * 4u) { return; }
  let r = i % (dims.R4 * 4u);
  var z = z_TR[i];
  if (r < dims.R && !is_left(r)) { z = LOWEST; }
  left_TR[i] = z;
}
