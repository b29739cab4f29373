// Puts slots at ranks, behind the selection over the logits that are left: ranks without a slot that is
// left fall away, then forced slots change places with what stands there, or replace it; a token whose
// set of slots is another gets its gates anew. All other tokens keep every bit.
//                                                             docs/analysis.md, "Inspection", steps 2 to 4
// bindings (group 0)
//   0 z_TR        array<f32>    [T, R]    read       the logits that are left; rows padded to 4·R4
//   1 slots_R     array<vec4u>  [R]       read
//   2 requests    array<u32>    requests  read       (token, rank, slot) of the forced slots, by token
//   3 p_TR        array<f32>    [T, R]    readWrite
//   4 g_TR        array<f32>    [T, R]    readWrite
//   5 selected_WT array<i32>    [W, T]    readWrite
//   6 refused     array<u32>    [forced]  readWrite  1 + k_u where the rank is not below it, else 0
// constants: none
// dispatch: one invocation per token, workgroups of 64
// writes: p and g of slots that are not left become 0; refused of the layer's forced slots
struct Dims { T: u32, R: u32, R4: u32, W: u32, gate: u32, request: u32, forced: u32 }
@group(0) @binding(0) var<storage, read> z_TR: array<f32>;
@group(0) @binding(1) var<storage, read> slots_R: array<vec4u>;
@group(0) @binding(2) var<storage, read> requests: array<u32>;
@group(0) @binding(3) var<storage, read_write> p_TR: array<f32>;
@group(0) @binding(4) var<storage, read_write> g_TR: array<f32>;
@group(0) @binding(5) var<storage, read_write> selected_WT: array<i32>;
@group(0) @binding(6) var<storage, read_write> refused: array<u32>;
@group(1) @binding(0) var<uniform> dims: Dims;

fn forced_token(i: u32) -> u32 { return requests[dims.forced + i * FORCED_WORDS]; }

// The first of the layer's forced slots that is of token t or a later one.
fn first_forced(t: u32, end: u32) -> u32 {
  var low = requests[dims.request];
  var high = end;
  while (low < high) {
    let middle = (low + high) / 2u;
    if (forced_token(middle) < t) { low = middle + 1u; } else { high = middle; }
  }
  return low;
}

// Whether the set of slots is another afterwards.
fn put(t: u32, rank: u32, slot: i32, count: u32) -> bool {
  let there = rank * dims.T + t;
  let before = selected_WT[there];
  selected_WT[there] = slot;
  for (var w = 0u; w < count; w++) {
    let i = w * dims.T + t;
    if (w != rank && selected_WT[i] == slot) {
      selected_WT[i] = before;
      return false;
    }
  }
  return before != slot;
}

// Whether a slot may have a token: left by what is asked, and in the pool of the token's sequence.
fn may_have(r: u32) -> bool { return is_left(r) && !(z_TR[row + r] <= LOWEST); }

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let t = linear_workgroup(workgroup) * 64u + local;
  if (t >= dims.T) { return; }
  row = t * dims.R4 * 4u;
  var is_changed = false;
  var count = 0u;
  for (var w = 0u; w < dims.W; w++) {
    let slot = selected_WT[w * dims.T + t];
    if (slot < 0) { continue; }
    let stays = may_have(u32(slot));
    is_changed = is_changed || !stays;
    // Slots of a table, or in rising order, may stand behind one that is not left: they move up.
    if (!stays || w > count) { selected_WT[w * dims.T + t] = -1; }
    if (stays) {
      selected_WT[count * dims.T + t] = slot;
      count++;
    }
  }
  let end = requests[dims.request + 1u];
  for (var i = first_forced(t, end); i < end; i++) {
    if (forced_token(i) != t) { break; }
    let rank = requests[dims.forced + i * FORCED_WORDS + 1u];
    refused[i] = select(0u, 1u + count, rank >= count);
    if (rank >= count) { continue; }
    let slot = i32(requests[dims.forced + i * FORCED_WORDS + 2u]);
    is_changed = put(t, rank, slot, count) || is_changed;
  }
  for (var r = 0u; r < dims.R; r++) {
    if (!may_have(r)) { p_TR[row + r] = 0.0; }
    if (is_changed) { g_TR[row + r] = 0.0; }
  }
  if (is_changed) { write_gates(t, count); }
  for (var r = 0u; r < dims.R; r++) {
    if (!may_have(r)) { g_TR[row + r] = 0.0; }
  }
}
