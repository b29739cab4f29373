// Completes the router logits: z += bias + rmsnorm(softplus(n), w), in place.
// z = m·Wrᵀ (+ bias) (+ rmsnorm(softplus(m·Wnᵀ), noise_norm)) (+ z_prev·Wresᵀ)
//                                              MoDSE 3–5, MoE++ 6; docs/model.md, "1. Router logits"
// bindings (group 0)
//   0 bias_R  array<f32>  [R]     read       ignored unless dims.bias = 1
//   1 n_TR    array<f32>  [T, R]  read       m·Wnᵀ; ignored unless dims.noise = 1
//   2 w_R     array<f32>  [R]     read       noise_norm
//   3 z_TR    array<f32>  [T, R]  readWrite  rows padded to 4·R4
// constants: none
// dispatch: one invocation per token, workgroups of 64
// writes: accumulates; padding columns stay 0
struct Dims { T: u32, R: u32, R4: u32, bias: u32, noise: u32, eps: f32 }
@group(0) @binding(0) var<storage, read> bias_R: array<f32>;
@group(0) @binding(1) var<storage, read> n_TR: array<f32>;
@group(0) @binding(2) var<storage, read> w_R: array<f32>;
@group(0) @binding(3) var<storage, read_write> z_TR: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let t = linear_workgroup(workgroup) * 64u + local;
  if (t >= dims.T) { return; }
  let row = t * dims.R4 * 4u;
  var squares = 0.0;
  if (dims.noise == 1u) {
    for (var r = 0u; r < dims.R; r++) {
      let s = softplus(n_TR[row + r]);
      squares += s * s;
    }
  }
  let rstd = inverseSqrt(squares / f32(dims.R) + dims.eps);
  for (var r = 0u; r < dims.R; r++) {
    var z = z_TR[row + r];
    if (dims.bias == 1u) { z += bias_R[r]; }
    if (dims.noise == 1u) { z += softplus(n_TR[row + r]) * rstd * w_R[r]; }
    z_TR[row + r] = z;
  }
}
