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
// dispatch: 8 invocations per token and q or k head, or one (common/lanes), in workgroups of 64
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

// A lane's terms of Σ x·w·dk. It has the pairs (c, c + C/2) of every eighth c, first and second halves apart.
fn inner_terms(at: u32, position: u32, lane: u32) -> f32 {
  let half = dims.C / 2u;
  var sum = 0.0;
  for (var c = lane; c < half; c += LANES) {
    sum += rotated(at, position, c) * (w_C[c] * dqkv_TX[at + c]);
  }
  for (var c = half + lane; c < dims.C; c += LANES) {
    sum += rotated(at, position, c) * (w_C[c] * dqkv_TX[at + c]);
  }
  return sum;
}

fn through_norm(at: u32, position: u32, c: u32, rstd: f32, mean: f32) {
  let x = rotated(at, position, c);
  dqkv_TX[at + c] = rstd * (w_C[c] * dqkv_TX[at + c] - x * (rstd * rstd * mean));
}

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let index = linear_workgroup(workgroup) * OUTPUTS + local / LANES;
  let lane = local % LANES;
  let heads = dims.H + dims.G;
  let t = index / heads;
  let head = index % heads;
  let width = (dims.C + 3u) / 4u * 4u;
  let at = (t * (heads + dims.G) + head) * width;
  let position = t % dims.S;
  let half = dims.C / 2u;
  if (dims.key_norm == 1u) {
    let is_key = t < dims.T && head >= dims.H;
    var terms = 0.0;
    if (is_key) { terms = inner_terms(at, position, lane); }
    let mean = lanes_sum(local, vec4f(terms)).x / f32(dims.C);
    if (is_key) {
      let rstd = rstd_TG[t * dims.G + head - dims.H];
      for (var c = lane; c < half; c += LANES) { through_norm(at, position, c, rstd, mean); }
      for (var c = half + lane; c < dims.C; c += LANES) { through_norm(at, position, c, rstd, mean); }
    }
  }
  if (dims.rotate == 0u || t >= dims.T) { return; }
  for (var c = lane; c < half; c += LANES) {
    let cosine = cos_SP[position * half + c];
    let sine = sin_SP[position * half + c];
    let first = dqkv_TX[at + c];
    let second = dqkv_TX[at + c + half];
    dqkv_TX[at + c] = first * cosine + second * sine;
    dqkv_TX[at + c + half] = second * cosine - first * sine;
  }
}
