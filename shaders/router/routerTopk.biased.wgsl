// routerTopk.fwd where slots do not rank by log s: by the logits, or by scores with a selection bias.
// v = s + b, ties to the lower slot; p = softmax(ℓ); g by the gate mode, of ℓ
//                          docs/balancing.md, "Step 1½: scores" and "Selection bias"; Wang 2024; DeepSeek-V3 16
// bindings (group 0)
//   0 z_TR        array<f32>    [T, R]  read       log s; rows padded to 4·R4
//   1 slots_R     array<vec4u>  [R]     read
//   2 p_TR        array<f32>    [T, R]  readWrite
//   3 g_TR        array<f32>    [T, R]  readWrite  g of every slot, 0 where it has none
//   4 selected_WT array<i32>    [W, T]  readWrite  slot by rank, −1 where none
//   5 order_TR    array<f32>    [T, R]  read       s, or z without a bias; ignored where dims.order is p
//   6 bias_R      array<f32>    [R]     read       ignored where dims.order is z
// constants: none
// dispatch: one invocation per token, workgroups of 64
// writes: overwrites, padding columns with 0
// ties: as routerTopk.fwd; a slot whose logit is LOWEST ranks behind the others
struct Dims {
  T: u32, R: u32, R4: u32, W: u32, K: u32,
  selection: u32, gate: u32, layer: u32, policy: u32, alpha: f32, beta: f32, not_a_number: u32, order: u32,
}
@group(0) @binding(0) var<storage, read> z_TR: array<f32>;
@group(0) @binding(1) var<storage, read> slots_R: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> p_TR: array<f32>;
@group(0) @binding(3) var<storage, read_write> g_TR: array<f32>;
@group(0) @binding(4) var<storage, read_write> selected_WT: array<i32>;
@group(0) @binding(5) var<storage, read> order_TR: array<f32>;
@group(0) @binding(6) var<storage, read> bias_R: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

const ORDER_LOGIT: u32 = 0u;
const ORDER_SCORE: u32 = 1u;
const ORDER_PROBABILITY: u32 = 2u;

fn order_value(r: u32) -> f32 {
  if (rank_value(r) <= LOWEST) { return LOWEST; }
  if (dims.order == ORDER_LOGIT) { return clamp(order_TR[row + r], LOWEST, -LOWEST); }
  if (dims.order == ORDER_SCORE) { return order_TR[row + r] + bias_R[r]; }
  return p_TR[row + r] + bias_R[r];
}
