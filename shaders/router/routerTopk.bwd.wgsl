// Gradient of softmax, gate weights and auxiliary losses for the router logits; the selection is a
// constant. forward was: p = softmax(z), g by the gate mode, losses of f and P (auxLosses.fwd)
// softmax gate: dp_i = dg_i for selected i; renormalised gates: dz_i = g_i·(dg_i − Σ_j g_j·dg_j);
// dz += p·(dp − Σ_j p_j·dp_j), dp with the losses' terms; dynamic: dz_i −= w/T·p_i·(log p_i + H)
//                                             docs/model.md, "3. Gate weights" and "Losses"
// bindings (group 0)
//   0 p_TR        array<f32>    [T, R]  read       rows padded to 4·R4
//   1 g_TR        array<f32>    [T, R]  read
//   2 selected_WT array<i32>    [W, T]  read
//   3 slots_R     array<vec4u>  [R]     read
//   4 dg_WT       array<f32>    [W, T]  read       gradient of the selected slots' g from the output
//   5 aux_dp_R    array<f32>    [R]     read       gradient of each p_i(t) from the losses
//   6 dz_TR       array<f32>    [T, R]  readWrite
// constants: none
// dispatch: one invocation per token, workgroups of 64
// writes: adds to what the next MoE layer's gating residual left where dims.accumulate = 1, else
// overwrites; padding columns become 0
struct Dims { T: u32, R: u32, R4: u32, W: u32, gate: u32, accumulate: u32 }
@group(0) @binding(0) var<storage, read> p_TR: array<f32>;
@group(0) @binding(1) var<storage, read> g_TR: array<f32>;
@group(0) @binding(2) var<storage, read> selected_WT: array<i32>;
@group(0) @binding(3) var<storage, read> slots_R: array<vec4u>;
@group(0) @binding(4) var<storage, read> dg_WT: array<f32>;
@group(0) @binding(5) var<storage, read> aux_dp_R: array<f32>;
@group(0) @binding(6) var<storage, read_write> dz_TR: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

var<private> row: u32;
var<private> reward: f32;

// Gradient of g of the slot at rank w, the reward on null slots included.
fn dg_at(t: u32, w: u32, r: u32) -> f32 {
  let dg = dg_WT[w * dims.T + t];
  let is_rewarded = slots_R[r].x == ZERO && dims.gate != GATE_RENORMALIZED_WITHOUT_ZERO;
  return dg + select(0.0, reward, is_rewarded);
}

fn is_selected(t: u32, r: u32) -> bool {
  for (var w = 0u; w < dims.W; w++) {
    let slot = selected_WT[w * dims.T + t];
    if (slot < 0) { break; }  // none has a rank behind it
    if (slot == i32(r)) { return true; }
  }
  return false;
}

// dz of a gate that is a softmax over the slots with g ≠ 0.
fn renormalized(t: u32) {
  var inner = 0.0;
  for (var w = 0u; w < dims.W; w++) {
    let slot = selected_WT[w * dims.T + t];
    if (slot < 0) { break; }
    inner += g_TR[row + u32(slot)] * dg_at(t, w, u32(slot));
  }
  if (dims.gate == GATE_RENORMALIZED_WITH_NULL) {
    for (var r = 0u; r < dims.R; r++) {
      if (slots_R[r].x != ZERO || is_selected(t, r)) { continue; }
      inner += g_TR[row + r] * reward;
    }
    for (var r = 0u; r < dims.R; r++) {
      if (slots_R[r].x != ZERO || is_selected(t, r)) { continue; }
      dz_TR[row + r] += g_TR[row + r] * (reward - inner);
    }
  }
  for (var w = 0u; w < dims.W; w++) {
    let slot = selected_WT[w * dims.T + t];
    if (slot < 0) { break; }
    let r = u32(slot);
    dz_TR[row + r] += g_TR[row + r] * (dg_at(t, w, r) - inner);
  }
}

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let t = linear_workgroup(workgroup) * 64u + local;
  if (t >= dims.T) { return; }
  row = t * dims.R4 * 4u;
  reward = -step_params.reward_alpha2 / f32(dims.T);
  var inner = 0.0;
  var entropy = 0.0;
  for (var r = 0u; r < dims.R4 * 4u; r++) {
    if (dims.accumulate == 0u || r >= dims.R) { dz_TR[row + r] = 0.0; }
    if (r >= dims.R) { continue; }
    let p = p_TR[row + r];
    inner += p * aux_dp_R[r];
    if (p >= LEAST_NORMAL) { entropy -= p * log(p); }
  }
  if (dims.gate == GATE_SOFTMAX) {
    for (var w = 0u; w < dims.W; w++) {
      let slot = selected_WT[w * dims.T + t];
      if (slot < 0) { break; }
      inner += p_TR[row + u32(slot)] * dg_at(t, w, u32(slot));
    }
  }
  let dynamic = step_params.dynamic_w / f32(dims.T);
  for (var r = 0u; r < dims.R; r++) {
    let p = p_TR[row + r];
    var dz = p * (aux_dp_R[r] - inner);
    if (p >= LEAST_NORMAL) { dz -= dynamic * p * (log(p) + entropy); }
    dz_TR[row + r] += dz;
  }
  if (dims.gate != GATE_SOFTMAX) {
    renormalized(t);
    return;
  }
  for (var w = 0u; w < dims.W; w++) {
    let slot = selected_WT[w * dims.T + t];
    if (slot < 0) { break; }
    let r = u32(slot);
    dz_TR[row + r] += p_TR[row + r] * dg_at(t, w, r);
  }
}
