// Gate weights of raw scores, and the factor on all of them, behind the selection and its gates.
// raw: g_i = routeScale·s_i;  else g_i = routeScale·g_i      docs/balancing.md, "Step 1½: scores"
// bindings (group 0)
//   0 s_TR        array<f32>  [T, R]  read       rows padded to 4·R4; read where dims.is_raw = 1
//   1 selected_WT array<i32>  [W, T]  read
//   2 g_TR        array<f32>  [T, R]  readWrite
// constants: none
// dispatch: one invocation per token, workgroups of 64
// writes: updates in place; padding columns stay 0
struct Dims { T: u32, R: u32, R4: u32, W: u32, is_raw: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> s_TR: array<f32>;
@group(0) @binding(1) var<storage, read> selected_WT: array<i32>;
@group(0) @binding(2) var<storage, read_write> g_TR: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let t = linear_workgroup(workgroup) * 64u + local;
  if (t >= dims.T) { return; }
  let row = t * dims.R4 * 4u;
  if (dims.is_raw == 1u) {
    for (var w = 0u; w < dims.W; w++) {
      let slot = selected_WT[w * dims.T + t];
      if (slot >= 0) { g_TR[row + u32(slot)] = s_TR[row + u32(slot)]; }
    }
  }
  for (var r = 0u; r < dims.R; r++) { g_TR[row + r] *= dims.scale; }
}
