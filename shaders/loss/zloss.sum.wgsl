// The router z-loss of one MoE layer: coefficient·(1/T)·Σ_t lse(t)²
//                                                                      docs/balancing.md, "Losses"
// bindings (group 0)
//   0 lse_T   array<f32>  [T]          read       zloss.fwd
//   1 aux_LA  array<f32>  [layers, 7]  readWrite  this layer's term
// constants: none
// dispatch: one row (common/row)
// writes: overwrites the term
struct Dims { T: u32, layer: u32 }
@group(0) @binding(0) var<storage, read> lse_T: array<f32>;
@group(0) @binding(1) var<storage, read_write> aux_LA: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  if (row_index(workgroup, local) != 0u) { return; }
  let lane = lane_index(local);
  var squares = 0.0;
  for (var t = lane; t < dims.T; t += LANES) { squares += lse_T[t] * lse_T[t]; }
  let total = reduce_sum(lane, squares);
  if (lane != 0u) { return; }
  let at = AUX_COUNT * dims.layer + AUX_ZLOSS;
  aux_LA[at] = step_params.zloss_coefficient / f32(dims.T) * total;
}
