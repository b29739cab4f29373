// Gradient of the router's noise branch: n becomes dn, in place, and the terms of d noise_norm.
// forward was: s = softplus(n), z += s·rstd·w, rstd = 1/sqrt(mean(s²) + eps)
// ds_r = rstd·(w_r·dz_r − s_r·rstd²·mean(s·w·dz));  dn = ds·σ(n);  dw_R = Σ_t dz·s·rstd
//                                                                        MoDSE 3–5
// bindings (group 0)
//   0 dz_TR      array<f32>  [T, R]  read
//   1 w_R        array<f32>  [R]     read       noise_norm
//   2 n_TR       array<f32>  [T, R]  readWrite  in: m·Wnᵀ; out: its gradient
//   3 dw_term_TR array<f32>  [T, R]  readWrite  dz·s·rstd, to be summed over tokens
// constants: none
// dispatch: one invocation per token, workgroups of 64
// writes: overwrites, padding columns with 0
struct Dims { T: u32, R: u32, R4: u32, eps: f32 }
@group(0) @binding(0) var<storage, read> dz_TR: array<f32>;
@group(0) @binding(1) var<storage, read> w_R: array<f32>;
@group(0) @binding(2) var<storage, read_write> n_TR: array<f32>;
@group(0) @binding(3) var<storage, read_write> dw_term_TR: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let t = linear_workgroup(workgroup) * 64u + local;
  if (t >= dims.T) { return; }
  let row = t * dims.R4 * 4u;
  var squares = 0.0;
  var inner = 0.0;
  for (var r = 0u; r < dims.R; r++) {
    let s = softplus(n_TR[row + r]);
    squares += s * s;
    inner += s * w_R[r] * dz_TR[row + r];
  }
  let rstd = inverseSqrt(squares / f32(dims.R) + dims.eps);
  let mean = inner / f32(dims.R);
  for (var r = 0u; r < dims.R4 * 4u; r++) {
    let i = row + r;
    if (r >= dims.R) {
      n_TR[i] = 0.0;
      dw_term_TR[i] = 0.0;
      continue;
    }
    let n = n_TR[i];
    let s = softplus(n);
    let dz = dz_TR[i];
    dw_term_TR[i] = dz * s * rstd;
    n_TR[i] = rstd * (w_R[r] * dz - s * (rstd * rstd * mean)) * sigmoid(n);
  }
}
