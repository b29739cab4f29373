// Scores of the logits, each by itself, and their logarithms, whose softmax the normalised scores are.
// ℓ = log s(z);  p = s/Σ s = softmax(ℓ)                 docs/balancing.md, "Step 1½: scores"; DeepSeek-V3 15
// bindings (group 0)
//   0 z_TR  array<f32>  [T, R]  read       rows padded to 4·R4
//   1 l_TR  array<f32>  [T, R]  readWrite  log s; LOWEST where z is, and what is not finite as it is
//   2 s_TR  array<f32>  [T, R]  readWrite  0 where z is LOWEST
// constants: none
// dispatch: one invocation per element of z_TR, workgroups of 64
// writes: overwrites, padding columns with 0
struct Dims { T: u32, R: u32, R4: u32, score: u32 }
@group(0) @binding(0) var<storage, read> z_TR: array<f32>;
@group(0) @binding(1) var<storage, read_write> l_TR: array<f32>;
@group(0) @binding(2) var<storage, read_write> s_TR: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let i = linear_workgroup(workgroup) * 64u + local;
  if (i >= dims.T * dims.R4 * 4u) { return; }
  let z = z_TR[i];
  var l = z;
  var s = z;
  if (i % (dims.R4 * 4u) >= dims.R) {
    l = 0.0;
    s = 0.0;
  } else if (is_finite(z) && z <= LOWEST) {
    s = 0.0;
  } else if (is_finite(z)) {
    l = log_score(dims.score, z);
    s = score_of(dims.score, z);
  }
  l_TR[i] = l;
  s_TR[i] = s;
}
