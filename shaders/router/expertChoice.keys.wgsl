// Whole numbers in the order of log s, by which the slots choose among the tokens.
// softmax: ℓ_i = z_i − logsumexp(z); the other scores have the order of z
//                                                       docs/balancing.md, "Expert choice"; Zhou 2022
// bindings (group 0)
//   0 z_TR    array<f32>  [T, R]  read       rows padded to 4·R4
//   1 key_RT  array<u32>  [R, T]  readWrite  0 for what is not a number
// constants: none
// dispatch: one invocation per token, workgroups of 64
// writes: overwrites
struct Dims { T: u32, R: u32, R4: u32, is_softmax: u32 }
@group(0) @binding(0) var<storage, read> z_TR: array<f32>;
@group(0) @binding(1) var<storage, read_write> key_RT: array<u32>;
@group(1) @binding(0) var<uniform> dims: Dims;

fn ordered(value: f32) -> u32 {
  if (is_nan(value)) { return 0u; }
  // Both zeros are one number.
  let bits = select(bitcast<u32>(value), 0u, value == 0.0);
  return select(bits | 0x80000000u, ~bits, bits >= 0x80000000u);
}

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let t = linear_workgroup(workgroup) * 64u + local;
  if (t >= dims.T) { return; }
  let row = t * dims.R4 * 4u;
  var largest = LOWEST;
  for (var r = 0u; r < dims.R; r++) { largest = max(largest, z_TR[row + r]); }
  var sum = 0.0;
  for (var r = 0u; r < dims.R; r++) { sum += exp(z_TR[row + r] - largest); }
  let lse = select(0.0, largest + log(sum), dims.is_softmax == 1u);
  for (var r = 0u; r < dims.R; r++) {
    key_RT[r * dims.T + t] = ordered(max(z_TR[row + r] - lse, LOWEST));
  }
}
