// Multiplies what the assignments add by their factors: `scale`.
//                                                             docs/analysis.md, "Inspection", step 6
// bindings (group 0)
//   0 selected_WT array<i32>    [W, T]  read
//   1 factor_TR   array<f32>    [T, R]  read       1 where nothing is asked; rows padded to 4·R4
//   2 route_WT    array<vec2u>  [W, T]  readWrite  coefficients in y
// constants: none
// dispatch: one invocation per token and rank, workgroups of 64
// writes: in place
struct Dims { T: u32, R4: u32, W: u32 }
@group(0) @binding(0) var<storage, read> selected_WT: array<i32>;
@group(0) @binding(1) var<storage, read> factor_TR: array<f32>;
@group(0) @binding(2) var<storage, read_write> route_WT: array<vec2u>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let i = linear_workgroup(workgroup) * 64u + local;
  if (i >= dims.W * dims.T || selected_WT[i] < 0) { return; }
  let factor = factor_TR[i % dims.T * dims.R4 * 4u + u32(selected_WT[i])];
  // A product with 1 may lose what is too small for a normal number.
  if (factor == 1.0) { return; }
  route_WT[i].y = bitcast<u32>(bitcast<f32>(route_WT[i].y) * factor);
}
