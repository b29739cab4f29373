// Positions and key norm: q and k heads rotated, k heads then normalised; v stays where it is.
// q = rope(q_raw);  k = rmsnorm(rope(k_raw), w) with the key norm, else rope(k_raw)
// docs/model.md, "Network"
// bindings (group 0)
//   0 qkv_TX  array<f32>  [T, (H + 2G)·Cp]  read       raw q heads, k heads, v heads
//   1 cos_SP  array<f32>  [S, C/2]          read       ignored unless dims.rotate = 1
//   2 sin_SP  array<f32>  [S, C/2]          read       ignored unless dims.rotate = 1
//   3 w_C     array<f32>  [Cp]              read       ignored unless dims.key_norm = 1
//   4 q_TX    array<f32>  [T, H·Cp]         readWrite
//   5 k_TX    array<f32>  [T, G·Cp]         readWrite
//   6 rstd_TG array<f32>  [T, G]            readWrite  saved for backward; written with the key norm only
// constants: none
// dispatch: 8 invocations per token and q or k head, or one (common/lanes), in workgroups of 64
// writes: overwrites, padding with 0
struct Dims {
  T: u32, S: u32, H: u32, G: u32, C: u32,
  rotate: u32, key_norm: u32, eps: f32,
}
@group(0) @binding(0) var<storage, read> qkv_TX: array<f32>;
@group(0) @binding(1) var<storage, read> cos_SP: array<f32>;
@group(0) @binding(2) var<storage, read> sin_SP: array<f32>;
@group(0) @binding(3) var<storage, read> w_C: array<f32>;
@group(0) @binding(4) var<storage, read_write> q_TX: array<f32>;
@group(0) @binding(5) var<storage, read_write> k_TX: array<f32>;
@group(0) @binding(6) var<storage, read_write> rstd_TG: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let index = linear_workgroup(workgroup) * OUTPUTS + local / LANES;
  let lane = local % LANES;
  let heads = dims.H + dims.G;
  let t = index / heads;
  let head = index % heads;
  let width = (dims.C + 3u) / 4u * 4u;
  let source = (t * (heads + dims.G) + head) * width;
  let is_query = head < dims.H;
  let query = (t * dims.H + head) * width;
  let row = t * dims.G + head - dims.H;
  let key = row * width;
  var squares = 0.0;
  if (t < dims.T) {
    for (var c = lane; c < width; c += LANES) {
      var x = 0.0;
      if (c < dims.C) { x = rotated(source, t % dims.S, c); }
      squares += x * x;
      if (is_query) { q_TX[query + c] = x; } else { k_TX[key + c] = x; }
    }
  }
  if (dims.key_norm == 0u) { return; }
  let rstd = inverseSqrt(lanes_sum(local, vec4f(squares)).x / f32(dims.C) + dims.eps);
  if (t >= dims.T || is_query) { return; }
  if (lane == 0u) { rstd_TG[row] = rstd; }
  for (var c = lane; c < dims.C; c += LANES) { k_TX[key + c] *= rstd * w_C[c]; }
}
