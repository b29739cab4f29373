// Auxiliary losses of one MoE layer and their gradients for p: the body of auxLosses.fwd for software
// adapters, one invocation without workgroup memory, which takes them a second to compile.
// switch α·R·Σ f·P (MoDSE 9–12) · heterogeneous β·Σ η·f·P (MoE++ 7) · ternary α₁·Σ (f − f̄)·P (TC-MoE 6–9)
// reward −α₂/T·ΣΣ g (TC-MoE 12) · dynamic w/T·Σ H(p)                     docs/model.md, "Losses"
// bindings (group 0)
//   0 load_R8  array<f32>    [R, 8]   read       auxLosses.load
//   1 slots_R  array<vec4u>  [R]      read
//   2 table    array<u32>    routing table  read  counts by slot
//   3 aux_LA   array<f32>    [layers, 7]  readWrite  this layer's terms, in the order above
//   4 aux_dp_R array<f32>    [R]      readWrite  gradient of each p_i(t)
//   5 ring     array<f32>    telemetry  readWrite  mean p and mean g by slot
// constants: none
// dispatch: one invocation
// writes: overwrites; the ring only in training. Where a p is not finite, the terms are not either.
struct Dims { T: u32, R: u32, E: u32, layer: u32, record: u32, offset: u32, not_a_number: u32 }
@group(0) @binding(0) var<storage, read> load_R8: array<f32>;
@group(0) @binding(1) var<storage, read> slots_R: array<vec4u>;
@group(0) @binding(2) var<storage, read> table: array<u32>;
@group(0) @binding(3) var<storage, read_write> aux_LA: array<f32>;
@group(0) @binding(4) var<storage, read_write> aux_dp_R: array<f32>;
@group(0) @binding(5) var<storage, read_write> ring: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

fn p_mean(r: u32) -> f32 { return load_R8[8u * r] / f32(dims.T); }

// f of the ternary loss: the share of the assignments that goes to the slot's expert.
fn ternary_f(r: u32) -> f32 { return load_R8[8u * r + 5u] / f32(max(table[0], 1u)); }

@compute @workgroup_size(1)
fn main() {
  let tokens = f32(dims.T);
  let counts = section(SECTION_SLOTS, dims.E) + 2u * dims.R;
  let telemetry = step_params.ring_slot * dims.record + dims.offset;
  var mean_f = 0.0;
  for (var r = 0u; r < dims.R; r++) {
    if (slots_R[r].x == FFN) { mean_f += ternary_f(r) / f32(dims.E); }
  }
  var switch_loss = 0.0;
  var heterogeneous = 0.0;
  var ternary = 0.0;
  var null_gates = 0.0;
  var entropy = 0.0;
  var all_finite = true;
  for (var r = 0u; r < dims.R; r++) {
    let kind = slots_R[r].x;
    let p = p_mean(r);
    let first_share = f32(table[counts + dims.R + r]) / tokens;
    let share = load_R8[8u * r + 4u] / tokens;
    let eta = select(step_params.tau, 1.0, kind <= NEGATED);
    let switch_f = step_params.switch_alpha * f32(dims.R) * first_share;
    let heterogeneous_f = step_params.heterogeneous_beta * eta * share;
    var dp = (switch_f + heterogeneous_f) / tokens;
    if (kind <= NEGATED) {
      let excess = ternary_f(r) - mean_f;
      dp += step_params.ternary_alpha1 * excess / tokens;
      ternary += excess * p;
    }
    aux_dp_R[r] = dp;
    switch_loss += switch_f * p;
    heterogeneous += heterogeneous_f * p;
    if (kind == ZERO) { null_gates += load_R8[8u * r + 2u]; }
    entropy += load_R8[8u * r + 1u];
    all_finite = all_finite && is_finite(load_R8[8u * r]);
    if (step_params.is_training == 1u) {
      ring[telemetry + r] = p;
      ring[telemetry + dims.R + r] = load_R8[8u * r + 3u] / max(load_R8[8u * r + 4u], 1.0);
    }
  }
  let at = AUX_COUNT * dims.layer;
  aux_LA[at + AUX_SWITCH] = switch_loss;
  aux_LA[at + AUX_HETEROGENEOUS] = heterogeneous;
  aux_LA[at + AUX_TERNARY] = step_params.ternary_alpha1 * ternary;
  aux_LA[at + AUX_REWARD] = -step_params.reward_alpha2 / tokens * null_gates;
  aux_LA[at + AUX_DYNAMIC] = step_params.dynamic_w / tokens * entropy;
  aux_LA[at + AUX_ZLOSS] = 0.0;
  aux_LA[at + AUX_BALANCE] = 0.0;
  if (!all_finite) {
    for (var i = 0u; i < AUX_COUNT; i++) { aux_LA[at + i] = bitcast<f32>(dims.not_a_number); }
  }
}
