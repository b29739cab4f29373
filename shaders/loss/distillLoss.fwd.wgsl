// Squared error of a converted layer's output per token, averaged over features, and its gradient.
// mse = (1/T)·Σ_t loss[t], loss[t] = (1/D)·Σ_d (y − f(m))²;  dy = 2·(y − f(m))/(T·D)
// docs/model.md, "Dense → MoE conversion"; LaDiMo 4.3
// bindings (group 0)
//   0 y_TD      array<vec4f>  [T, D4]  read
//   1 target_TD array<vec4f>  [T, D4]  read       f(m), padding 0
//   2 dout_TD   array<vec4f>  [T, D4]  readWrite
//   3 loss_T    array<f32>    [T]      readWrite
// constants: none
// dispatch: one workgroup of 64 per token
// writes: overwrites
struct Dims { T: u32, D4: u32, D: u32 }
@group(0) @binding(0) var<storage, read> y_TD: array<vec4f>;
@group(0) @binding(1) var<storage, read> target_TD: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dout_TD: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> loss_T: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let t = linear_workgroup(workgroup);
  if (t >= dims.T) { return; }
  let features = f32(dims.D);
  var squares = 0.0;
  for (var d = local; d < dims.D4; d += 64u) {
    let i = t * dims.D4 + d;
    let difference = y_TD[i] - target_TD[i];
    squares += dot(difference, difference);
    dout_TD[i] = 2.0 * difference / (f32(dims.T) * features);
  }
  let total = reduce_sum(local, squares);
  if (local == 0u) { loss_T[t] = total / features; }
}
