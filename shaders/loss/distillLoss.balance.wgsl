// Balance term of a converted layer's loss, scaled by the mse's own value, and its gradient for p.
// balance = α·|mse|·Σ_i f_i·P_i; f_i = fraction of the assignments that go to slot i, and neither f
// nor |mse| carries a gradient: dp_i(t) = α·|mse|·f_i/T
// docs/model.md, "Dense → MoE conversion"; LaDiMo 4.3
// bindings (group 0)
//   0 loss_T   array<f32>  [T]     read       distillLoss.fwd: mse = mean
//   1 load_R8  array<f32>  [R, 8]  read       auxLosses.load: 0 Σp, 4 selecting tokens
//   2 aux_A    array<f32>  [7]     readWrite  balance, then 0
//   3 aux_dp_R array<f32>  [R]     readWrite
// constants: none
// dispatch: one workgroup of 64
// writes: overwrites
struct Dims { T: u32, R: u32, alpha: f32 }
@group(0) @binding(0) var<storage, read> loss_T: array<f32>;
@group(0) @binding(1) var<storage, read> load_R8: array<f32>;
@group(0) @binding(2) var<storage, read_write> aux_A: array<f32>;
@group(0) @binding(3) var<storage, read_write> aux_dp_R: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) local: u32) {
  let tokens = f32(dims.T);
  var loss = 0.0;
  for (var t = local; t < dims.T; t += 64u) { loss += loss_T[t]; }
  let scale = dims.alpha * (reduce_sum(local, loss) / tokens);
  var count = 0.0;
  var overlap = 0.0;
  for (var r = local; r < dims.R; r += 64u) {
    count += load_R8[8u * r + 4u];
    overlap += load_R8[8u * r + 4u] * (load_R8[8u * r] / tokens);
  }
  let assignments = max(reduce_sum(local, count), 1.0);
  let balance = scale * (reduce_sum(local, overlap) / assignments);
  for (var r = local; r < dims.R; r += 64u) {
    aux_dp_R[r] = scale * (load_R8[8u * r + 4u] / assignments) / tokens;
  }
  if (local < AUX_COUNT) { aux_A[local] = select(0.0, balance, local == 0u); }
}
