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
// dispatch: 8 invocations per rank and token, or one (common/lanes), in workgroups of 64
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

// A lane's terms of ⟨dout, y⟩, ⟨dout, m⟩ and ⟨dout, v⟩.
fn dout_dot_y(t: u32, row: u32, lane: u32) -> f32 {
  var sum = 0.0;
  for (var d = lane; d < dims.D4; d += LANES) { sum += dot(dout_TD[t * dims.D4 + d], y_JD[row * dims.D4 + d]); }
  return sum;
}

fn dout_dot_m(t: u32, lane: u32) -> f32 {
  var sum = 0.0;
  for (var d = lane; d < dims.D4; d += LANES) { sum += dot(dout_TD[t * dims.D4 + d], m_TD[t * dims.D4 + d]); }
  return sum;
}

fn dout_dot_v(t: u32, c: u32, lane: u32) -> f32 {
  var sum = 0.0;
  for (var d = lane; d < dims.D4; d += LANES) { sum += dot(dout_TD[t * dims.D4 + d], v_CD[c * dims.D4 + d]); }
  return sum;
}

// Whether the token's assignments that count have one to constant c.
fn chose_constant(t: u32, c: u32) -> bool {
  for (var w = 0u; w < dims.W; w++) {
    let route = route_WT[w * dims.T + t].x;
    if (route >> 28u == ROUTE_CONSTANT && (route & ROUTE_INDEX) == c) { return true; }
  }
  return false;
}

fn write_mix(t: u32, c: u32, dlogits: vec2f, coefficient: f32) {
  let at = 4u * (t * C + c);
  dmix[at] = dlogits.x;
  dmix[at + 1u] = dlogits.y;
  dmix[at + 2u] = 0.0;
  dmix[at + 3u] = 0.0;
  dmix[dims.v_offset + 4u * t * dims.C4 + c] = coefficient;
}

// Zeros for what no rank of the token writes.
fn write_zeros(t: u32) {
  for (var c = 0u; c < C; c++) {
    if (!chose_constant(t, c)) { write_mix(t, c, vec2f(), 0.0); }
  }
  for (var c = C; c < 4u * dims.C4; c++) { dmix[dims.v_offset + 4u * t * dims.C4 + c] = 0.0; }
}

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let i = linear_workgroup(workgroup) * OUTPUTS + local / LANES;
  let lane = local % LANES;
  let is_there = i < dims.W * dims.T;
  let route = route_WT[min(i, dims.W * dims.T - 1u)];
  let t = i % dims.T;
  let code = select(ROUTE_ZERO, route.x >> 28u, is_there);
  let index = route.x & ROUTE_INDEX;
  let is_constant = C > 0u && code == ROUTE_CONSTANT;
  var terms = vec4f();
  if (code == ROUTE_FFN || code == ROUTE_NEGATED) { terms.x = dout_dot_y(t, index, lane); }
  if ((HAS_COPY == 1u && code == ROUTE_COPY) || is_constant) { terms.x = dout_dot_m(t, lane); }
  if (is_constant) { terms.y = dout_dot_v(t, index, lane); }
  let inner = lanes_sum(local, terms).xy;
  if (!is_there || lane != 0u) { return; }
  var dg = select(inner.x, -inner.x, code == ROUTE_NEGATED);
  if (is_constant) {
    let a = mix_weights(mix_TC[t * C + index]);
    let g = bitcast<f32>(route.y);
    dg = dot(a, inner);
    write_mix(t, index, a * g * (inner - dg), g * a.y);
  }
  dg_WT[i] = dg;
  if (i < dims.T) { write_zeros(t); }
}
