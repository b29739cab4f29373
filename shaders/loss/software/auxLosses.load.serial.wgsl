// Sums over tokens of what the auxiliary losses and the load table need, per slot: the body of
// auxLosses.load for software adapters, without workgroup memory, which takes them long to compile.
// bindings (group 0)
//   0 p_TR        array<f32>    [T, R]   read  rows padded to 4·R4
//   1 g_TR        array<f32>    [T, R]   read
//   2 selected_WT array<i32>    [W, T]   read
//   3 slots_R     array<vec4u>  [R]      read
//   4 domain_T    array<u32>    [T]      read
//   5 load_R8     array<f32>    [R, 8]   readWrite  Σp, Σ−p·log p, Σg (all tokens), Σg (selecting tokens),
//                 selecting tokens, tokens that select the slot's expert with either sign, 0, 0
//   6 ring        array<u32>    telemetry  readWrite  assignments by domain
// constants: none
// dispatch: one invocation per slot, in workgroups of 8
// writes: overwrites; the ring only in training
struct Dims { T: u32, R: u32, R4: u32, W: u32, domains: u32, record: u32, offset: u32 }
@group(0) @binding(0) var<storage, read> p_TR: array<f32>;
@group(0) @binding(1) var<storage, read> g_TR: array<f32>;
@group(0) @binding(2) var<storage, read> selected_WT: array<i32>;
@group(0) @binding(3) var<storage, read> slots_R: array<vec4u>;
@group(0) @binding(4) var<storage, read> domain_T: array<u32>;
@group(0) @binding(5) var<storage, read_write> load_R8: array<f32>;
@group(0) @binding(6) var<storage, read_write> ring: array<u32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(8)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let r = linear_workgroup(workgroup) * 8u + local;
  if (r >= dims.R) { return; }
  let slot = slots_R[r];
  let counts = step_params.ring_slot * dims.record + dims.offset + r * dims.domains;
  let is_training = step_params.is_training == 1u;
  if (is_training) {
    for (var d = 0u; d < dims.domains; d++) { ring[counts + d] = 0u; }
  }
  var a = vec4f();
  var b = vec2f();
  for (var t = 0u; t < dims.T; t++) {
    var selects = 0.0;
    var selects_expert = 0.0;
    for (var w = 0u; w < dims.W; w++) {
      let chosen = selected_WT[w * dims.T + t];
      if (chosen < 0) { continue; }
      if (u32(chosen) == r) { selects = 1.0; }
      let other = slots_R[u32(chosen)];
      if (other.x <= NEGATED && slot.x <= NEGATED && other.y == slot.y) { selects_expert = 1.0; }
    }
    let p = p_TR[t * dims.R4 * 4u + r];
    let g = g_TR[t * dims.R4 * 4u + r];
    a += vec4f(p, select(0.0, -p * log(p), p > 0.0), g, g * selects);
    b += vec2f(selects, selects_expert);
    let domain = domain_T[t];
    if (is_training && selects > 0.0 && domain < dims.domains) { ring[counts + domain] += 1u; }
  }
  let at = 8u * r;
  load_R8[at] = a.x;
  load_R8[at + 1u] = a.y;
  load_R8[at + 2u] = a.z;
  load_R8[at + 3u] = a.w;
  load_R8[at + 4u] = b.x;
  load_R8[at + 5u] = b.y;
}
