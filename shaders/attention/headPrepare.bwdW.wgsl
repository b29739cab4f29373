// Gradient of the key norm's weight: dw[c] = Σ_{t,g} dk[t, g, c]·x[t, g, c]·rstd[t, g], fixed order.
// forward was: k = x·rstd·w, x = rope(k_raw)                              docs/model.md, "Network"
// bindings (group 0)
//   0 qkv_TX  array<f32>  [T, (H + 2G)·Cp]  read       raw heads
//   1 cos_SP  array<f32>  [S, C/2]          read       ignored unless dims.rotate = 1
//   2 sin_SP  array<f32>  [S, C/2]          read       ignored unless dims.rotate = 1
//   3 rstd_TG array<f32>  [T, G]            read
//   4 dqkv_TX array<f32>  [T, (H + 2G)·Cp]  read       k heads: attention's dk, before headPrepare.bwd
//   5 dw_C    array<f32>  [Cp]              readWrite
// constants: none
// dispatch: one workgroup of 256 per channel, or of 64 (common/columns), padding included
// writes: overwrites, padding with 0
struct Dims { T: u32, S: u32, H: u32, G: u32, C: u32, rotate: u32 }
@group(0) @binding(0) var<storage, read> qkv_TX: array<f32>;
@group(0) @binding(1) var<storage, read> cos_SP: array<f32>;
@group(0) @binding(2) var<storage, read> sin_SP: array<f32>;
@group(0) @binding(3) var<storage, read> rstd_TG: array<f32>;
@group(0) @binding(4) var<storage, read> dqkv_TX: array<f32>;
@group(0) @binding(5) var<storage, read_write> dw_C: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(COLUMN_ROWS)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let c = linear_workgroup(workgroup);
  let width = (dims.C + 3u) / 4u * 4u;
  if (c >= width) { return; }
  var sum = 0.0;
  if (c < dims.C) {
    for (var row = local; row < dims.T * dims.G; row += COLUMN_ROWS) {
      let t = row / dims.G;
      let head = dims.H + row % dims.G;
      let at = (t * (dims.H + 2u * dims.G) + head) * width;
      sum += dqkv_TX[at + c] * rotated(at, t % dims.S, c) * rstd_TG[row];
    }
  }
  let total = column_sum(local, vec4f(sum));
  if (local == 0u) { dw_C[c] = total.x; }
}
