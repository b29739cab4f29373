// Tokens that count for a slot and the sum of its p, per group of tokens: a sequence, or the whole batch.
// counts: the selection's (dropped assignments included), or the K first slots by z, as if there were
// no bias                                                              docs/balancing.md, "Losses"
// bindings (group 0)
//   0 p_TR        array<f32>  [T, R]     read       rows padded to 4·R4
//   1 z_TR        array<f32>  [T, R]     read       where dims.is_unbiased = 1
//   2 selected_WT array<i32>  [W, T]     read       else
//   3 load_BR2    array<f32>  [B, R, 2]  readWrite  tokens, Σp
// constants: none
// dispatch: one row (common/row) per group and slot, slots fastest
// writes: overwrites
struct Dims { T: u32, R: u32, R4: u32, W: u32, S: u32, groups: u32, is_unbiased: u32 }
@group(0) @binding(0) var<storage, read> p_TR: array<f32>;
@group(0) @binding(1) var<storage, read> z_TR: array<f32>;
@group(0) @binding(2) var<storage, read> selected_WT: array<i32>;
@group(0) @binding(3) var<storage, read_write> load_BR2: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

// Whether slot r is among the token's W first by z, ties to the lower slot.
fn is_first(t: u32, r: u32) -> bool {
  let row = t * dims.R4 * 4u;
  let z = z_TR[row + r];
  var rank = 0u;
  for (var j = 0u; j < dims.R; j++) {
    let other = z_TR[row + j];
    rank += u32(other > z || (other == z && j < r));
  }
  return rank < dims.W;
}

fn is_selected(t: u32, r: u32) -> bool {
  for (var w = 0u; w < dims.W; w++) {
    if (selected_WT[w * dims.T + t] == i32(r)) { return true; }
  }
  return false;
}

fn counts(t: u32, r: u32) -> bool {
  if (dims.is_unbiased == 1u) { return is_first(t, r); }
  return is_selected(t, r);
}

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let i = row_index(workgroup, local);
  let lane = lane_index(local);
  if (i >= dims.groups * dims.R) { return; }
  let r = i % dims.R;
  let first = i / dims.R * dims.S;
  var tokens = 0.0;
  var p = 0.0;
  for (var t = first + lane; t < first + dims.S; t += LANES) {
    if (counts(t, r)) { tokens += 1.0; }
    p += p_TR[t * dims.R4 * 4u + r];
  }
  let all_tokens = reduce_sum(lane, tokens);
  let all_p = reduce_sum(lane, p);
  if (lane != 0u) { return; }
  load_BR2[2u * i] = all_tokens;
  load_BR2[2u * i + 1u] = all_p;
}
