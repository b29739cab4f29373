// Sums over tokens of what the auxiliary losses and the load table need, per slot.
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
// dispatch: one workgroup of 256 per slot
// writes: overwrites; the ring only in training. Integer atomics count domains: order cannot show.
struct Dims { T: u32, R: u32, R4: u32, W: u32, domains: u32, record: u32, offset: u32 }
@group(0) @binding(0) var<storage, read> p_TR: array<f32>;
@group(0) @binding(1) var<storage, read> g_TR: array<f32>;
@group(0) @binding(2) var<storage, read> selected_WT: array<i32>;
@group(0) @binding(3) var<storage, read> slots_R: array<vec4u>;
@group(0) @binding(4) var<storage, read> domain_T: array<u32>;
@group(0) @binding(5) var<storage, read_write> load_R8: array<f32>;
@group(0) @binding(6) var<storage, read_write> ring: array<u32>;
@group(1) @binding(0) var<uniform> dims: Dims;

var<workgroup> domain_count: array<atomic<u32>, 64>;
var<workgroup> sums_a: array<vec4f, 256>;
var<workgroup> sums_b: array<vec2f, 256>;
// The FFN expert of every slot, counted from 1; 0 where it has none.
var<workgroup> expert_of: array<u32, 256>;

@compute @workgroup_size(256)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let r = linear_workgroup(workgroup);
  if (r >= dims.R) { return; }
  if (local < 64u) { atomicStore(&domain_count[local], 0u); }
  if (local < dims.R) {
    let slot = slots_R[local];
    expert_of[local] = select(0u, slot.y + 1u, slot.x <= NEGATED);
  }
  workgroupBarrier();
  let expert = expert_of[r];
  var a = vec4f();
  var b = vec2f();
  for (var t = local; t < dims.T; t += 256u) {
    let p = p_TR[t * dims.R4 * 4u + r];
    let g = g_TR[t * dims.R4 * 4u + r];
    var selects = 0.0;
    var selects_expert = 0.0;
    for (var w = 0u; w < dims.W; w++) {
      let chosen = selected_WT[w * dims.T + t];
      if (chosen < 0) { break; }  // none has a rank behind it
      if (u32(chosen) == r) { selects = 1.0; }
      if (expert > 0u && expert_of[u32(chosen)] == expert) { selects_expert = 1.0; }
    }
    var entropy = 0.0;
    if (p >= LEAST_NORMAL) { entropy = -p * log(p); }
    a += vec4f(p, entropy, g, g * selects);
    b += vec2f(selects, selects_expert);
    if (selects > 0.0) { atomicAdd(&domain_count[min(domain_T[t], 63u)], 1u); }
  }
  sums_a[local] = a;
  sums_b[local] = b;
  workgroupBarrier();
  for (var width = 128u; width > 0u; width >>= 1u) {
    if (local < width) {
      sums_a[local] += sums_a[local + width];
      sums_b[local] += sums_b[local + width];
    }
    workgroupBarrier();
  }
  if (local == 0u) {
    let total_a = sums_a[0];
    let total_b = sums_b[0];
    for (var i = 0u; i < 4u; i++) { load_R8[8u * r + i] = total_a[i]; }
    load_R8[8u * r + 4u] = total_b.x;
    load_R8[8u * r + 5u] = total_b.y;
  }
  if (step_params.is_training == 1u && local < dims.domains) {
    let at = step_params.ring_slot * dims.record + dims.offset + r * dims.domains + local;
    ring[at] = atomicLoad(&domain_count[local]);
  }
}
