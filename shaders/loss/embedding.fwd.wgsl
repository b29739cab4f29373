// Rows of the embedding table: x[t] = embed[token[t]].                     docs/model.md, "Network"
// bindings (group 0)
//   0 tokens_T array<u32>    [T]      read       below V
//   1 embed_VD array<vec4f>  [V, D4]  read
//   2 x_TD     array<vec4f>  [T, D4]  readWrite
// constants: none
// dispatch: one invocation per token and four channels, in workgroups of 64
// writes: overwrites; padding channels of the table are 0, so theirs are; a token ≥ V gives 0
struct Dims { T: u32, D4: u32, V: u32 }
@group(0) @binding(0) var<storage, read> tokens_T: array<u32>;
@group(0) @binding(1) var<storage, read> embed_VD: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> x_TD: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let i = linear_workgroup(workgroup) * 64u + local;
  if (i >= dims.T * dims.D4) { return; }
  let token = tokens_T[i / dims.D4];
  var x = vec4f();
  if (token < dims.V) { x = embed_VD[token * dims.D4 + i % dims.D4]; }
  x_TD[i] = x;
}
