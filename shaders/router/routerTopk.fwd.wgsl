// Softmax of the router logits, selection of slots by rank, and gate weights.
// p = softmax(z); 𝓔 by topk, topp, randomDrop or adaptive; g by the gate mode
//                                   docs/model.md, "2. Selection" and "3. Gate weights"; MoDSE 2, MoE++ 1,
//                                   TC-MoE 2 and 16, EqualRes 12, LaDiMo 4.4
// bindings (group 0)
//   0 z_TR        array<f32>    [T, R]  read       rows padded to 4·R4
//   1 slots_R     array<vec4u>  [R]     read
//   2 p_TR        array<f32>    [T, R]  readWrite
//   3 g_TR        array<f32>    [T, R]  readWrite  g of every slot, 0 where it has none
//   4 selected_WT array<i32>    [W, T]  readWrite  slot by rank, −1 where none
// constants: none
// dispatch: one invocation per token, workgroups of 64
// writes: overwrites, padding columns with 0
// ties: the lower slot index wins; a logit that is not a number ranks last, and makes the whole row
// of p not a number, by which the step is refused
struct Dims {
  T: u32, R: u32, R4: u32, W: u32, K: u32,
  selection: u32, gate: u32, layer: u32, policy: u32, alpha: f32, beta: f32, not_a_number: u32,
}
@group(0) @binding(0) var<storage, read> z_TR: array<f32>;
@group(0) @binding(1) var<storage, read> slots_R: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> p_TR: array<f32>;
@group(0) @binding(3) var<storage, read_write> g_TR: array<f32>;
@group(0) @binding(4) var<storage, read_write> selected_WT: array<i32>;
@group(1) @binding(0) var<uniform> dims: Dims;

// Slots rank by their logits.
fn order_value(r: u32) -> f32 { return rank_value(r); }
