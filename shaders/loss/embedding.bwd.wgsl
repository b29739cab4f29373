// Gradient of the embedding table: a row adds up the tokens that use it, in a fixed order.
// forward was: x[t] = embed[token[t]]; dembed[v] = Σ_{t: token[t] = v} dx[t]
// docs/model.md, "Network"
// bindings (group 0)
//   0 starts_V1   array<u32>    [V + 1]  read       first place of every token's positions, exclusive
//   1 positions_T array<u32>    [T]      read       t by token, ascending within a token
//   2 dx_TD       array<vec4f>  [T, D4]  read
//   3 dembed_VD   array<vec4f>  [V, D4]  readWrite
// constants: none
// dispatch: 8 invocations per token of the vocabulary and four channels, or one (common/lanes), in workgroups of 64
// writes: accumulates where dims.accumulate = 1 (tied head), else overwrites, unused rows with 0
struct Dims { V: u32, D4: u32, accumulate: u32 }
@group(0) @binding(0) var<storage, read> starts_V1: array<u32>;
@group(0) @binding(1) var<storage, read> positions_T: array<u32>;
@group(0) @binding(2) var<storage, read> dx_TD: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dembed_VD: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let i = linear_workgroup(workgroup) * OUTPUTS + local / LANES;
  let lane = local % LANES;
  let v = i / dims.D4;
  let d = i % dims.D4;
  var terms = vec4f();
  if (v < dims.V) {
    for (var place = starts_V1[v] + lane; place < starts_V1[v + 1u]; place += LANES) {
      terms += dx_TD[positions_T[place] * dims.D4 + d];
    }
  }
  var sum = lanes_sum(local, terms);
  if (v >= dims.V || lane != 0u) { return; }
  if (dims.accumulate == 1u) { sum += dembed_VD[i]; }
  dembed_VD[i] = sum;
}
