// Adds up the slices of linear.bwdW in their order.
// dw[n, k] = Σ_slice slices[slice, n, k]
// bindings (group 0)
//   0 slices_SNK array<vec4f>  [slices, N4·4, K4]  read
//   1 dw_NK      array<vec4f>  [N4·4, K4]          readWrite
// constants: none
// dispatch: one invocation per vec4 of the weight, in workgroups of 64
// writes: accumulates where dims.accumulate = 1, else overwrites
struct Dims { slices: u32, vectors: u32, accumulate: u32 }
@group(0) @binding(0) var<storage, read> slices_SNK: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> dw_NK: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let at = linear_workgroup(workgroup) * 64u + local;
  if (at >= dims.vectors) { return; }
  var dw = slices_SNK[at];
  for (var s = 1u; s < dims.slices; s++) { dw += slices_SNK[s * dims.vectors + at]; }
  if (dims.accumulate == 1u) { dw += dw_NK[at]; }
  dw_NK[at] = dw;
}
