// Selection by the token's id alone, behind that by rank, whose p it keeps: the slots of a table and
// their gate weights.                                       docs/balancing.md, "Hash selection"
// bindings (group 0)
//   0 z_TR        array<f32>    [T, R]  read       rows padded to 4·R4
//   1 slots_R     array<vec4u>  [R]     read
//   2 tokens_T    array<u32>    [T]     read
//   3 table_VW    array<u32>    [V, W]  read       slots by rank
//   4 p_TR        array<f32>    [T, R]  readWrite  left as it is
//   5 g_TR        array<f32>    [T, R]  readWrite
//   6 selected_WT array<i32>    [W, T]  readWrite
// constants: none
// dispatch: one invocation per token, workgroups of 64
// writes: overwrites g and selected
struct Dims { T: u32, R: u32, R4: u32, W: u32, gate: u32 }
@group(0) @binding(0) var<storage, read> z_TR: array<f32>;
@group(0) @binding(1) var<storage, read> slots_R: array<vec4u>;
@group(0) @binding(2) var<storage, read> tokens_T: array<u32>;
@group(0) @binding(3) var<storage, read> table_VW: array<u32>;
@group(0) @binding(4) var<storage, read_write> p_TR: array<f32>;
@group(0) @binding(5) var<storage, read_write> g_TR: array<f32>;
@group(0) @binding(6) var<storage, read_write> selected_WT: array<i32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let t = linear_workgroup(workgroup) * 64u + local;
  if (t >= dims.T) { return; }
  row = t * dims.R4 * 4u;
  for (var r = 0u; r < dims.R; r++) { g_TR[row + r] = 0.0; }
  for (var w = 0u; w < dims.W; w++) {
    selected_WT[w * dims.T + t] = i32(table_VW[tokens_T[t] * dims.W + w]);
  }
  write_gates(t, dims.W);
}
