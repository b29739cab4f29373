// routerTopk.bwd for scores other than softmax, for a factor on the gate weights, and without losses.
// forward was: ℓ = log s(z), p = softmax(ℓ), g = c·(s, or softmax of ℓ over the slots that take part)
// dℓ_i = p_i·(dp_i − Σ_j p_j·dp_j) + g_i·(dg_i − Σ_j g_j·dg_j/c), for raw scores without the last sum;
// dz_i = dℓ_i·dℓ_i/dz_i, dp and dg with the losses' terms     docs/balancing.md, "Step 1½: scores"
// bindings (group 0)
//   0 z_TR        array<f32>    [T, R]  read       rows padded to 4·R4
//   1 p_TR        array<f32>    [T, R]  read
//   2 g_TR        array<f32>    [T, R]  read       with the factor
//   3 selected_WT array<i32>    [W, T]  read
//   4 slots_R     array<vec4u>  [R]     read
//   5 dg_WT       array<f32>    [W, T]  read       gradient of the selected slots' g from the output
//   6 aux_dp_R    array<f32>    [R]     read       gradient of each p_i(t) from the losses
//   7 dz_TR       array<f32>    [T, R]  readWrite
// constants: none
// dispatch: one invocation per token, workgroups of 64
// writes: adds to what the next MoE layer's gating residual left where dims.accumulate = 1, else
// overwrites; padding columns become 0
struct Dims {
  T: u32, R: u32, R4: u32, W: u32, gate: u32, accumulate: u32, score: u32, has_losses: u32, scale: f32,
}
@group(0) @binding(0) var<storage, read> z_TR: array<f32>;
@group(0) @binding(1) var<storage, read> p_TR: array<f32>;
@group(0) @binding(2) var<storage, read> g_TR: array<f32>;
@group(0) @binding(3) var<storage, read> selected_WT: array<i32>;
@group(0) @binding(4) var<storage, read> slots_R: array<vec4u>;
@group(0) @binding(5) var<storage, read> dg_WT: array<f32>;
@group(0) @binding(6) var<storage, read> aux_dp_R: array<f32>;
@group(0) @binding(7) var<storage, read_write> dz_TR: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

// Gradient of the g that slot r has for token t; 0 where it has none.
fn dg_of(t: u32, r: u32) -> f32 {
  let is_null = slots_R[r].x == ZERO;
  let reward = -f32(dims.has_losses) * step_params.reward_alpha2 / f32(dims.T);
  for (var w = 0u; w < dims.W; w++) {
    let slot = selected_WT[w * dims.T + t];
    if (slot < 0) { break; }  // none has a rank behind it
    if (slot == i32(r)) {
      let is_rewarded = is_null && dims.gate != GATE_RENORMALIZED_WITHOUT_ZERO;
      return dg_WT[w * dims.T + t] + select(0.0, reward, is_rewarded);
    }
  }
  return select(0.0, reward, is_null && dims.gate == GATE_RENORMALIZED_WITH_NULL);
}

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let t = linear_workgroup(workgroup) * 64u + local;
  if (t >= dims.T) { return; }
  let row = t * dims.R4 * 4u;
  let is_raw = dims.gate == GATE_SOFTMAX && dims.score != SCORE_SOFTMAX;
  var inner_p = 0.0;
  var inner_g = 0.0;
  var entropy = 0.0;
  for (var r = 0u; r < dims.R; r++) {
    let p = p_TR[row + r];
    inner_p += p * aux_dp_R[r];
    if (p >= LEAST_NORMAL) { entropy -= p * log(p); }
    if (!is_raw && g_TR[row + r] > 0.0) { inner_g += g_TR[row + r] * dg_of(t, r); }
  }
  let dynamic = f32(dims.has_losses) * step_params.dynamic_w / f32(dims.T);
  for (var r = 0u; r < dims.R4 * 4u; r++) {
    let i = row + r;
    if (r >= dims.R) {
      dz_TR[i] = 0.0;
      continue;
    }
    let p = p_TR[i];
    let g = g_TR[i];
    var dl = p * (aux_dp_R[r] - inner_p);
    if (p >= LEAST_NORMAL) { dl -= dynamic * p * (log(p) + entropy); }
    if (dims.gate == GATE_SOFTMAX && !is_raw) {
      // All p take part, with g = c·p where the slot is selected.
      dl -= p * inner_g;
      if (g > 0.0) { dl += g * dg_of(t, r); }
    } else if (g > 0.0 && dims.gate != GATE_UNIFORM) {
      dl += g * (dg_of(t, r) - inner_g / dims.scale);
    }
    let dz = dl * log_score_slope(dims.score, z_TR[i]);
    dz_TR[i] = dz + select(0.0, dz_TR[i], dims.accumulate == 1u);
  }
}
