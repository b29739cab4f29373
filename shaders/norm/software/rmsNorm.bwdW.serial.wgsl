// Gradient of RMSNorm for its weight: dw[d] = Σ_t dn[t, d]·x[t, d]·rstd[t], in a fixed order. The
// body of rmsNorm.bwdW for software adapters, without barriers.
// forward was: normed = x·rstd·w                                        docs/model.md, "Network"
// bindings (group 0)
//   0 dnormed_TD array<vec4f>  [T, D4]  read
//   1 x_TD       array<vec4f>  [T, D4]  read
//   2 rstd_T     array<f32>    [T]      read
//   3 dw_D       array<vec4f>  [D4]     readWrite
// constants: none
// dispatch: one invocation per four channels, in workgroups of 8
// writes: overwrites
struct Dims { T: u32, D4: u32 }
@group(0) @binding(0) var<storage, read> dnormed_TD: array<vec4f>;
@group(0) @binding(1) var<storage, read> x_TD: array<vec4f>;
@group(0) @binding(2) var<storage, read> rstd_T: array<f32>;
@group(0) @binding(3) var<storage, read_write> dw_D: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(8)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let d = linear_workgroup(workgroup) * 8u + local;
  if (d >= dims.D4) { return; }
  var sum = vec4f();
  for (var t = 0u; t < dims.T; t++) {
    let i = t * dims.D4 + d;
    sum += dnormed_TD[i] * x_TD[i] * rstd_T[t];
  }
  dw_D[d] = sum;
}
