// What every assignment came to: its slot, its gate before capacity, whether it was dropped, and the
// norm of what it adds, ‖g·E(m)‖₂ with its factor.             docs/analysis.md, "Inspection"
// bindings (group 0)
//   0 selected_WT array<i32>    [W, T]   read
//   1 g_TR        array<f32>    [T, R]   read       rows padded to 4·R4
//   2 route_WT    array<vec2u>  [W, T]   read
//   3 y_JD        array<vec4f>  [J, D4]  read       experts' outputs in expert order
//   4 m_TD        array<vec4f>  [T, D4]  read
//   5 mix_TC      array<vec4f>  [T, C]   read       logits of a in x and y
//   6 v_CD        array<vec4f>  [C, D4]  read
//   7 report_WT   array<vec4u>  [W, T]   readWrite  slot (−1 where none), gate, dropped, norm
// constants: C (constant slots)
// dispatch: one invocation per token and rank, workgroups of 64
// writes: overwrites
struct Dims { T: u32, D4: u32, R4: u32, W: u32 }
@group(0) @binding(0) var<storage, read> selected_WT: array<i32>;
@group(0) @binding(1) var<storage, read> g_TR: array<f32>;
@group(0) @binding(2) var<storage, read> route_WT: array<vec2u>;
@group(0) @binding(3) var<storage, read> y_JD: array<vec4f>;
@group(0) @binding(4) var<storage, read> m_TD: array<vec4f>;
@group(0) @binding(5) var<storage, read> mix_TC: array<vec4f>;
@group(0) @binding(6) var<storage, read> v_CD: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> report_WT: array<vec4u>;
@group(1) @binding(0) var<uniform> dims: Dims;

// E(m) in four channels, but for its sign.
fn output(t: u32, code: u32, index: u32, d: u32) -> vec4f {
  let m = m_TD[t * dims.D4 + d];
  if (code == ROUTE_COPY) { return m; }
  if (C > 0u && code == ROUTE_CONSTANT) {
    let a = mix_weights(mix_TC[t * C + index]);
    return a.x * m + a.y * v_CD[index * dims.D4 + d];
  }
  return y_JD[index * dims.D4 + d];
}

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let i = linear_workgroup(workgroup) * 64u + local;
  if (i >= dims.W * dims.T) { return; }
  let t = i % dims.T;
  let slot = selected_WT[i];
  if (slot < 0) {
    report_WT[i] = vec4u(0xffffffffu, 0u, 0u, 0u);
    return;
  }
  let code = route_WT[i].x >> 28u;
  var squares = 0.0;
  if (code != ROUTE_ZERO && code != ROUTE_DROPPED) {
    for (var d = 0u; d < dims.D4; d++) {
      let value = output(t, code, route_WT[i].x & ROUTE_INDEX, d);
      squares += dot(value, value);
    }
  }
  let norm = abs(bitcast<f32>(route_WT[i].y)) * sqrt(squares);
  let gate = g_TR[t * dims.R4 * 4u + u32(slot)];
  let dropped = select(0u, 1u, code == ROUTE_DROPPED);
  report_WT[i] = vec4u(u32(slot), bitcast<u32>(gate), dropped, bitcast<u32>(norm));
}
