// Balance loss of one MoE layer over all choices, and its gradient for p; f carries no gradient.
// mean over groups of coefficient·R·Σ_i f_i·P_i, f_i = c_i/A of the group; with a history of the steps
// before, c and A are sums over all of them            docs/balancing.md, "Losses"; Switch 4–6 over all K
// bindings (group 0)
//   0 load_BR2  array<f32>  [B, R, 2]      read       balanceLoss.load
//   1 history   array<u32>  [R, 3 + rows]  read       balanceLoss.history; where dims.stride > 0
//   2 weight_BR array<f32>  [B, R]         readWrite  gradient of each p_i(t) of the group's tokens
//   3 aux_LA    array<f32>  [layers, 7]    readWrite  this layer's term
// constants: none
// dispatch: one row (common/row), a lane per group
// writes: the term; weight_BR: adds to it where dims.accumulate = 1, else overwrites
struct Dims { T: u32, R: u32, groups: u32, layer: u32, stride: u32, accumulate: u32 }
@group(0) @binding(0) var<storage, read> load_BR2: array<f32>;
@group(0) @binding(1) var<storage, read> history: array<u32>;
@group(0) @binding(2) var<storage, read_write> weight_BR: array<f32>;
@group(0) @binding(3) var<storage, read_write> aux_LA: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

// Tokens that count for slot r of group b, those of the steps before included.
fn tokens_of(b: u32, r: u32) -> f32 {
  let now = load_BR2[2u * (b * dims.R + r)];
  if (dims.stride == 0u) { return now; }
  return now + f32(history[r * dims.stride + HISTORY_TOTAL]);
}

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  if (row_index(workgroup, local) != 0u) { return; }
  let lane = lane_index(local);
  let scale = step_params.balance_coefficient * f32(dims.R) / f32(dims.T);
  var term = 0.0;
  for (var b = lane; b < dims.groups; b += LANES) {
    var assignments = 0.0;
    for (var r = 0u; r < dims.R; r++) { assignments += tokens_of(b, r); }
    for (var r = 0u; r < dims.R; r++) {
      let i = b * dims.R + r;
      let weight = scale * (tokens_of(b, r) / max(assignments, 1.0));
      term += weight * load_BR2[2u * i + 1u];
      weight_BR[i] = weight + select(0.0, weight_BR[i], dims.accumulate == 1u);
    }
  }
  let total = reduce_sum(lane, term);
  if (lane == 0u) { aux_LA[AUX_COUNT * dims.layer + AUX_BALANCE] = total; }
}
