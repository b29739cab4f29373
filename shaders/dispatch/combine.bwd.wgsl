// Gradients of the combination for routing weights and for what constant experts mix with.
// forward was: out = Σ g·E(m);  dg = sign·⟨dout, y⟩ (ffn), ⟨dout, m⟩ (copy),
// a₁⟨dout, m⟩ + a₂⟨dout, v⟩ (constant), 0 (zero, dropped);  da = g·(⟨dout, m⟩, ⟨dout, v⟩),
// dlogits = a ⊙ (da − ⟨a, da⟩);  dv = Σ_t g·a₂·dout                    docs/model.md, "5. Experts"
// bindings (group 0)
//   0 route_WT array<vec2u>  [W, T]   read
//   1 dout_TD  array<vec4f>  [T, D4]  read
//   2 y_JD     array<vec4f>  [J, D4]  read
//   3 m_TD     array<vec4f>  [T, D4]  read
//   4 mix_TC   array<vec4f>  [T, C]   read
//   5 v_CD     array<vec4f>  [C, D4]  read
//   6 dg_WT    array<f32>    [W, T]   readWrite
//   7 dmix     array<f32>    [T, C·4] then, from dims.v_offset on, [T, C4·4]  readWrite
//              gradients of the mixing logits; then g·a₂, whose product with dout is dv
// constants: C (constant slots), HAS_COPY (1: there is a copy slot)
// dispatch: one invocation per token, workgroups of 64
// writes: overwrites, zeros for constants that a token did not choose
struct Dims { T: u32, D4: u32, W: u32, C4: u32, v_offset: u32 }
@group(0) @binding(0) var<storage, read> route_WT: array<vec2u>;
@group(0) @binding(1) var<storage, read> dout_TD: array<vec4f>;
@group(0) @binding(2) var<storage, read> y_JD: array<vec4f>;
@group(0) @binding(3) var<storage, read> m_TD: array<vec4f>;
@group(0) @binding(4) var<storage, read> mix_TC: array<vec4f>;
@group(0) @binding(5) var<storage, read> v_CD: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> dg_WT: array<f32>;
@group(0) @binding(7) var<storage, read_write> dmix: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

fn dout_dot_m(t: u32) -> f32 {
  var sum = 0.0;
  for (var d = 0u; d < dims.D4; d++) { sum += dot(dout_TD[t * dims.D4 + d], m_TD[t * dims.D4 + d]); }
  return sum;
}

fn dout_dot_v(t: u32, c: u32) -> f32 {
  var sum = 0.0;
  for (var d = 0u; d < dims.D4; d++) { sum += dot(dout_TD[t * dims.D4 + d], v_CD[c * dims.D4 + d]); }
  return sum;
}

fn dout_dot_y(t: u32, row: u32) -> f32 {
  var sum = 0.0;
  for (var d = 0u; d < dims.D4; d++) { sum += dot(dout_TD[t * dims.D4 + d], y_JD[row * dims.D4 + d]); }
  return sum;
}

// dg of a constant expert; writes the gradients of its mixing logits.
fn constant_bwd(t: u32, c: u32, g: f32) -> f32 {
  let a = mix_weights(mix_TC[t * C + c]);
  let inner = vec2f(dout_dot_m(t), dout_dot_v(t, c));
  let dg = dot(a, inner);
  let dlogits = a * g * (inner - dg);
  let at = 4u * (t * C + c);
  dmix[at] = dlogits.x;
  dmix[at + 1u] = dlogits.y;
  dmix[dims.v_offset + 4u * t * dims.C4 + c] = g * a.y;
  return dg;
}

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let t = linear_workgroup(workgroup) * 64u + local;
  if (t >= dims.T) { return; }
  for (var c = 0u; c < 4u * C; c++) { dmix[4u * t * C + c] = 0.0; }
  for (var c = 0u; c < 4u * dims.C4; c++) { dmix[dims.v_offset + 4u * t * dims.C4 + c] = 0.0; }
  for (var w = 0u; w < dims.W; w++) {
    let route = route_WT[w * dims.T + t];
    let code = route.x >> 28u;
    let index = route.x & ROUTE_INDEX;
    var dg = 0.0;
    if (code == ROUTE_FFN || code == ROUTE_NEGATED) {
      let inner = dout_dot_y(t, index);
      dg = select(inner, -inner, code == ROUTE_NEGATED);
    }
    if (HAS_COPY == 1u && code == ROUTE_COPY) { dg = dout_dot_m(t); }
    if (C > 0u && code == ROUTE_CONSTANT) { dg = constant_bwd(t, index, bitcast<f32>(route.y)); }
    dg_WT[w * dims.T + t] = dg;
  }
}
