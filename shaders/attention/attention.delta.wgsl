// δ of attention's backward: delta[t, h] = Σ_c do[t, h, c]·out[t, h, c], which is Σ_j a(j)·da(j).
// forward was: out = Σ_j a(j)·v(j)                                        docs/model.md, "Network"
// bindings (group 0)
//   0 dattn_TX array<vec4f>  [T, H·Cp/4]  read
//   1 attn_TX  array<vec4f>  [T, H·Cp/4]  read
//   2 delta_TH array<f32>    [T, H]       readWrite
// constants: CP4 (Cp/4: vec4s per head)
// dispatch: one invocation per token and query head, in workgroups of 64
// writes: overwrites
struct Dims { T: u32, H: u32 }
@group(0) @binding(0) var<storage, read> dattn_TX: array<vec4f>;
@group(0) @binding(1) var<storage, read> attn_TX: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> delta_TH: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let row = linear_workgroup(workgroup) * 64u + local;
  if (row >= dims.T * dims.H) { return; }
  var delta = 0.0;
  for (var c = 0u; c < CP4; c++) {
    delta += dot(dattn_TX[row * CP4 + c], attn_TX[row * CP4 + c]);
  }
  delta_TH[row] = delta;
}
