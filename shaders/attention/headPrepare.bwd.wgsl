// Gradient of headPrepare for the raw q and k heads, in place; the gradient of v is left alone.
// forward was: q = rope(q_raw); k = rmsnorm(x, w), x = rope(k_raw)        docs/model.md, "Network"
// dx = rstd·(w·dk − x·rstd²·mean(x·w·dk)) with the key norm, else dk; dk_raw = dx turned back
// bindings (group 0)
//   0 qkv_TX  array<f32>  [T, (H + 2G)·Cp]  read       raw heads
//   1 cos_SP  array<f32>  [S, C/2]          read       ignored unless dims.rotate = 1
//   2 sin_SP  array<f32>  [S, C/2]          read       ignored unless dims.rotate = 1
//   3 w_C     array<f32>  [Cp]              read       ignored unless dims.key_norm = 1
//   4 rstd_TG array<f32>  [T, G]            read       ignored unless dims.key_norm = 1
//   5 dqkv_TX array<f32>  [T, (H + 2G)·Cp]  readWrite  in: dq, dk of attention; out: of the raw heads
// constants: none
// dispatch: one invocation per token and q or k head, in workgroups of 64
// writes: overwrites q and k heads; padding stays as attention's backward left it (0)
struct Dims {
  T: u32, S: u32, H: u32, G: u32, C: u32,
  rotate: u32, key_norm: u32,
}
@group(0) @binding(0) var<storage, read> qkv_TX: array<f32>;
@group(0) @binding(1) var<storage, read> cos_SP: array<f32>;
@group(0) @binding(2) var<storage, read> sin_SP: array<f32>;
@group(0) @binding(3) var<storage, read> w_C: array<f32>;
@group(0) @binding(4) var<storage, read> rstd_TG: array<f32>;
@group(0) @binding(5) var<storage, read_write> dqkv_TX: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let index = linear_workgroup(workgroup) * 64u + local;
  let heads = dims.H + dims.G;
  let t = index / heads;
  if (t >= dims.T) { return; }
  let head = index % heads;
  let width = (dims.C + 3u) / 4u * 4u;
  let at = (t * (heads + dims.G) + head) * width;
  let position = t % dims.S;
  if (head >= dims.H && dims.key_norm == 1u) {
    let rstd = rstd_TG[t * dims.G + head - dims.H];
    var inner = 0.0;
    for (var c = 0u; c < dims.C; c++) {
      inner += rotated(at, position, c) * (w_C[c] * dqkv_TX[at + c]);
    }
    let mean = inner / f32(dims.C);
    for (var c = 0u; c < dims.C; c++) {
      let x = rotated(at, position, c);
      dqkv_TX[at + c] = rstd * (w_C[c] * dqkv_TX[at + c] - x * (rstd * rstd * mean));
    }
  }
  if (dims.rotate == 0u) { return; }
  let half = dims.C / 2u;
  for (var c = 0u; c < half; c++) {
    let cosine = cos_SP[position * half + c];
    let sine = sin_SP[position * half + c];
    let first = dqkv_TX[at + c];
    let second = dqkv_TX[at + c + half];
    dqkv_TX[at + c] = first * cosine + second * sine;
    dqkv_TX[at + c + half] = second * cosine - first * sine;
  }
}
