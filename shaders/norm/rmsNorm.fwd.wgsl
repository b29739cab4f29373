// RMSNorm of the residual stream after the previous sublayer's output is added to it.
// x_sum = x + y;  normed = x_sum / sqrt(mean(x_sum²) + eps) · w          docs/model.md, "Network"
// bindings (group 0)
//   0 x_TD      array<vec4f>  [T, D4]  read       residual stream
//   1 y_TD      array<vec4f>  [T, D4]  read       sublayer output; ignored unless dims.add = 1
//   2 w_D       array<vec4f>  [D4]     read
//   3 x_sum_TD  array<vec4f>  [T, D4]  readWrite
//   4 normed_TD array<vec4f>  [T, D4]  readWrite
//   5 rstd_T    array<f32>    [T]      readWrite  saved for backward
// constants: none
// dispatch: one row per token (common/row)
// writes: overwrites; padding channels of x, y and w are 0 and stay 0
struct Dims { T: u32, D4: u32, D: u32, add: u32, eps: f32 }
@group(0) @binding(0) var<storage, read> x_TD: array<vec4f>;
@group(0) @binding(1) var<storage, read> y_TD: array<vec4f>;
@group(0) @binding(2) var<storage, read> w_D: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> x_sum_TD: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> normed_TD: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> rstd_T: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let t = row_index(workgroup, local);
  let lane = lane_index(local);
  if (t >= dims.T) { return; }
  let row = t * dims.D4;
  var squares = 0.0;
  for (var d = lane; d < dims.D4; d += LANES) {
    var x = x_TD[row + d];
    if (dims.add == 1u) { x += y_TD[row + d]; }
    x_sum_TD[row + d] = x;
    squares += dot(x, x);
  }
  let rstd = inverseSqrt(reduce_sum(lane, squares) / f32(dims.D) + dims.eps);
  for (var d = lane; d < dims.D4; d += LANES) {
    normed_TD[row + d] = x_sum_TD[row + d] * rstd * w_D[d];
  }
  if (lane == 0u) { rstd_T[t] = rstd; }
}
