// Gradient of the combination for the MoE layer's input, gathered per token in the order of ranks.
// forward was: out = Σ g·E(m) + shared(m);  dm += Σ_ffn dm_rows + Σ_copy g·dout + Σ_constant g·a₁·dout
// (the constants' path through a is linear.bwdX of the mixing weights)  docs/model.md, "5. Experts"
// bindings (group 0)
//   0 route_WT   array<vec2u>  [W, T]   read
//   1 dm_JD      array<vec4f>  [J, D4]  read       expertUp.bwdX, rows in expert order
//   2 dout_TD    array<vec4f>  [T, D4]  read
//   3 mix_TC     array<vec4f>  [T, C]   read
//   4 dshared_TD array<vec4f>  [T, D4]  read       ignored unless dims.shared_on = 1
//   5 dm_TD      array<vec4f>  [T, D4]  readWrite
// constants: C (constant slots), HAS_COPY, HAS_SHARED (1: there is a copy slot, a shared expert)
// Adapters that run both sides of a branch run none of those for kinds that the layer does not have.
// dispatch: one invocation per token and four channels, workgroups of 64
// writes: accumulates
struct Dims { T: u32, D4: u32, W: u32 }
@group(0) @binding(0) var<storage, read> route_WT: array<vec2u>;
@group(0) @binding(1) var<storage, read> dm_JD: array<vec4f>;
@group(0) @binding(2) var<storage, read> dout_TD: array<vec4f>;
@group(0) @binding(3) var<storage, read> mix_TC: array<vec4f>;
@group(0) @binding(4) var<storage, read> dshared_TD: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> dm_TD: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let i = linear_workgroup(workgroup) * 64u + local;
  if (i >= dims.T * dims.D4) { return; }
  let t = i / dims.D4;
  let d = i % dims.D4;
  var dm = dm_TD[i];
  for (var w = 0u; w < dims.W; w++) {
    let route = route_WT[w * dims.T + t];
    let code = route.x >> 28u;
    if (code == ROUTE_NONE) { break; }  // none has a rank behind it
    let index = route.x & ROUTE_INDEX;
    let coef = bitcast<f32>(route.y);
    if (code == ROUTE_FFN || code == ROUTE_NEGATED) { dm += dm_JD[index * dims.D4 + d]; }
    if (HAS_COPY == 1u && code == ROUTE_COPY) { dm += coef * dout_TD[i]; }
    if (C > 0u && code == ROUTE_CONSTANT) {
      dm += coef * mix_weights(mix_TC[t * C + index]).x * dout_TD[i];
    }
  }
  if (HAS_SHARED == 1u) { dm += dshared_TD[i]; }
  dm_TD[i] = dm;
}
