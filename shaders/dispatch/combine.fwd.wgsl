// Back from expert order to tokens: y = Σ_{i∈𝓔, kept} g_i·E_i(m) + shared(m), ranks in order.
// copy: g·m; constant: g·(a₁·m + a₂·v), a = softmax(m·Wcᵀ)        docs/model.md, "5. Experts"; MoE++ 3–5
// bindings (group 0)
//   0 route_WT  array<vec2u>  [W, T]   read
//   1 y_JD      array<vec4f>  [J, D4]  read       experts' outputs in expert order
//   2 m_TD      array<vec4f>  [T, D4]  read
//   3 mix_TC    array<vec4f>  [T, C]   read       logits of a in x and y
//   4 v_CD      array<vec4f>  [C, D4]  read
//   5 shared_TD array<vec4f>  [T, D4]  read       ignored unless dims.shared_on = 1
//   6 out_TD    array<vec4f>  [T, D4]  readWrite
// constants: C (constant slots), HAS_COPY, HAS_SHARED (1: there is a copy slot, a shared expert)
// Adapters that run both sides of a branch run none of those for kinds that the layer does not have.
// dispatch: one invocation per token and four channels, workgroups of 64
// writes: overwrites
struct Dims { T: u32, D4: u32, W: u32 }
@group(0) @binding(0) var<storage, read> route_WT: array<vec2u>;
@group(0) @binding(1) var<storage, read> y_JD: array<vec4f>;
@group(0) @binding(2) var<storage, read> m_TD: array<vec4f>;
@group(0) @binding(3) var<storage, read> mix_TC: array<vec4f>;
@group(0) @binding(4) var<storage, read> v_CD: array<vec4f>;
@group(0) @binding(5) var<storage, read> shared_TD: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> out_TD: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let i = linear_workgroup(workgroup) * 64u + local;
  if (i >= dims.T * dims.D4) { return; }
  let t = i / dims.D4;
  let d = i % dims.D4;
  var out = vec4f();
  for (var w = 0u; w < dims.W; w++) {
    let route = route_WT[w * dims.T + t];
    let code = route.x >> 28u;
    if (code == ROUTE_NONE) { break; }  // none has a rank behind it
    let index = route.x & ROUTE_INDEX;
    let coef = bitcast<f32>(route.y);
    if (code == ROUTE_FFN || code == ROUTE_NEGATED) { out += coef * y_JD[index * dims.D4 + d]; }
    if (HAS_COPY == 1u && code == ROUTE_COPY) { out += coef * m_TD[i]; }
    if (C > 0u && code == ROUTE_CONSTANT) {
      let a = mix_weights(mix_TC[t * C + index]);
      out += coef * (a.x * m_TD[i] + a.y * v_CD[index * dims.D4 + d]);
    }
  }
  if (HAS_SHARED == 1u) { out += shared_TD[i]; }
  out_TD[i] = out;
}
