// Positions and key norm of new tokens, whose keys and values join those of their sequences.
// q = rope(q_raw);  k = rmsnorm(rope(k_raw), w) with the key norm, else rope(k_raw);  v as it is
// docs/model.md, "Network"
// bindings (group 0)
//   0 qkv_TX     array<f32>    [T, (H + 2G)·Cp]  read       raw q heads, k heads, v heads
//   1 cos_SP     array<f32>    [S, C/2]          read       ignored unless dims.rotate = 1
//   2 sin_SP     array<f32>    [S, C/2]          read       ignored unless dims.rotate = 1
//   3 w_C        array<f32>    [Cp]              read       ignored unless dims.key_norm = 1
//   4 places_T   array<vec2u>  [T]               read       first row of the token's sequence, its position
//   5 q_TX       array<f32>    [T, H·Cp]         readWrite
//   6 keys_BSX   array<f32>    [B·S, G·Cp]       readWrite
//   7 values_BSX array<f32>    [B·S, G·Cp]       readWrite
// constants: none
// dispatch: one invocation per token and head of q, k or v, in workgroups of 64
// writes: overwrites q and the tokens' own rows of keys and values, padding with 0. A token may be there more
//   than once: nothing that is written is read again, so that all write the same.
struct Dims { T: u32, H: u32, G: u32, C: u32, rotate: u32, key_norm: u32, eps: f32 }
@group(0) @binding(0) var<storage, read> qkv_TX: array<f32>;
@group(0) @binding(1) var<storage, read> cos_SP: array<f32>;
@group(0) @binding(2) var<storage, read> sin_SP: array<f32>;
@group(0) @binding(3) var<storage, read> w_C: array<f32>;
@group(0) @binding(4) var<storage, read> places_T: array<vec2u>;
@group(0) @binding(5) var<storage, read_write> q_TX: array<f32>;
@group(0) @binding(6) var<storage, read_write> keys_BSX: array<f32>;
@group(0) @binding(7) var<storage, read_write> values_BSX: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

fn write_key(source: u32, position: u32, key: u32) {
  if (dims.key_norm == 0u) {
    for (var c = 0u; c < dims.C; c++) { keys_BSX[key + c] = rotated(source, position, c); }
    return;
  }
  var squares = 0.0;
  for (var c = 0u; c < dims.C; c++) {
    let x = rotated(source, position, c);
    squares += x * x;
  }
  let rstd = inverseSqrt(squares / f32(dims.C) + dims.eps);
  for (var c = 0u; c < dims.C; c++) {
    keys_BSX[key + c] = rotated(source, position, c) * (rstd * w_C[c]);
  }
}

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let index = linear_workgroup(workgroup) * 64u + local;
  let heads = dims.H + 2u * dims.G;
  let t = index / heads;
  if (t >= dims.T) { return; }
  let head = index % heads;
  let width = (dims.C + 3u) / 4u * 4u;
  let source = index * width;
  let place = places_T[t];
  if (head < dims.H) {
    let query = (t * dims.H + head) * width;
    for (var c = 0u; c < dims.C; c++) { q_TX[query + c] = rotated(source, place.y, c); }
    for (var c = dims.C; c < width; c++) { q_TX[query + c] = 0.0; }
    return;
  }
  let row = (place.x + place.y) * dims.G;
  if (head < dims.H + dims.G) {
    let key = (row + head - dims.H) * width;
    write_key(source, place.y, key);
    for (var c = dims.C; c < width; c++) { keys_BSX[key + c] = 0.0; }
    return;
  }
  let value = (row + head - dims.H - dims.G) * width;
  for (var c = 0u; c < width; c++) { values_BSX[value + c] = qkv_TX[source + c]; }
}
