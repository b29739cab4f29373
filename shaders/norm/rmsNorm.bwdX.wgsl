// Gradient of RMSNorm for its input, added to the residual stream's gradient.
// forward was: normed = x·rstd·w, rstd = 1/sqrt(mean(x²) + eps)
// dx += rstd·(w·dn − x·rstd²·mean(x·w·dn))                              docs/model.md, "Network"
// bindings (group 0)
//   0 dnormed_TD array<vec4f>  [T, D4]  read
//   1 x_TD       array<vec4f>  [T, D4]  read       input of the norm (x_sum of the forward pass)
//   2 rstd_T     array<f32>    [T]      read
//   3 w_D        array<vec4f>  [D4]     read
//   4 dx_TD      array<vec4f>  [T, D4]  readWrite
// constants: none
// dispatch: one row per token (common/row)
// writes: accumulates where dims.accumulate = 1, else overwrites
struct Dims { T: u32, D4: u32, D: u32, accumulate: u32 }
@group(0) @binding(0) var<storage, read> dnormed_TD: array<vec4f>;
@group(0) @binding(1) var<storage, read> x_TD: array<vec4f>;
@group(0) @binding(2) var<storage, read> rstd_T: array<f32>;
@group(0) @binding(3) var<storage, read> w_D: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx_TD: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let t = row_index(workgroup, local);
  let lane = lane_index(local);
  if (t >= dims.T) { return; }
  let row = t * dims.D4;
  var inner = 0.0;
  for (var d = lane; d < dims.D4; d += LANES) {
    inner += dot(x_TD[row + d], w_D[d] * dnormed_TD[row + d]);
  }
  let rstd = rstd_T[t];
  let mean = reduce_sum(lane, inner) / f32(dims.D);
  for (var d = lane; d < dims.D4; d += LANES) {
    let i = row + d;
    var dx = rstd * (w_D[d] * dnormed_TD[i] - x_TD[i] * (rstd * rstd * mean));
    if (dims.accumulate == 1u) { dx += dx_TD[i]; }
    dx_TD[i] = dx;
  }
}
