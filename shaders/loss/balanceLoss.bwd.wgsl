// Gradient of the balance loss per sequence for the logits.
// forward was: p = softmax(ℓ), Σ of weights·p per group;  dz_i += p_i·(w_i − Σ_j p_j·w_j)·dℓ_i/dz_i
//                                            docs/balancing.md, "Losses" and "Step 1½: scores"
// bindings (group 0)
//   0 p_TR      array<f32>  [T, R]  read       rows padded to 4·R4
//   1 z_TR      array<f32>  [T, R]  read
//   2 weight_BR array<f32>  [B, R]  read       balanceLoss.fwd
//   3 dz_TR     array<f32>  [T, R]  readWrite
// constants: none
// dispatch: one invocation per token, workgroups of 64
// writes: accumulates
struct Dims { T: u32, R: u32, R4: u32, S: u32, score: u32 }
@group(0) @binding(0) var<storage, read> p_TR: array<f32>;
@group(0) @binding(1) var<storage, read> z_TR: array<f32>;
@group(0) @binding(2) var<storage, read> weight_BR: array<f32>;
@group(0) @binding(3) var<storage, read_write> dz_TR: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let t = linear_workgroup(workgroup) * 64u + local;
  if (t >= dims.T) { return; }
  let row = t * dims.R4 * 4u;
  let weights = t / dims.S * dims.R;
  var inner = 0.0;
  for (var r = 0u; r < dims.R; r++) { inner += p_TR[row + r] * weight_BR[weights + r]; }
  for (var r = 0u; r < dims.R; r++) {
    let p = p_TR[row + r];
    if (p == 0.0) { continue; }
    let slope = log_score_slope(dims.score, z_TR[row + r]);
    dz_TR[row + r] += p * (weight_BR[weights + r] - inner) * slope;
  }
}
