// Gradient of RMSNorm for its weight: dw[d] = Σ_t dn[t, d]·x[t, d]·rstd[t], in a fixed order.
// forward was: normed = x·rstd·w                                        docs/model.md, "Network"
// bindings (group 0)
//   0 dnormed_TD array<vec4f>  [T, D4]  read
//   1 x_TD       array<vec4f>  [T, D4]  read
//   2 rstd_T     array<f32>    [T]      read
//   3 dw_D       array<vec4f>  [D4]     readWrite
// constants: none
// dispatch: one workgroup of 256 per four channels (common/columns)
// writes: overwrites
struct Dims { T: u32, D4: u32 }
@group(0) @binding(0) var<storage, read> dnormed_TD: array<vec4f>;
@group(0) @binding(1) var<storage, read> x_TD: array<vec4f>;
@group(0) @binding(2) var<storage, read> rstd_T: array<f32>;
@group(0) @binding(3) var<storage, read_write> dw_D: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(COLUMN_ROWS)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let d = linear_workgroup(workgroup);
  if (d >= dims.D4) { return; }
  var sum = vec4f();
  for (var t = local; t < dims.T; t += COLUMN_ROWS) {
    let i = t * dims.D4 + d;
    sum += dnormed_TD[i] * x_TD[i] * rstd_T[t];
  }
  let total = column_sum(local, sum);
  if (local == 0u) { dw_D[d] = total; }
}
