// The first half of attention.cached for software adapters: scores of single tokens with the positions of their
// sequences, four at a time.
// s(j) = q·k(j)/sqrt(C) − slope·(i − j)                                 docs/model.md, "Network"
// bindings (group 0)
//   0 q_TX       array<vec4f>  [T, H·Cp/4]    read
//   1 keys_BSX   array<vec4f>  [B·S, G·Cp/4]  read
//   2 slopes_H   array<f32>    [H]            read       0 without ALiBi
//   3 places_T   array<vec2u>  [T]            read       first row of the token's sequence, its position
//   4 scores_THS array<vec4f>  [T, H, S4]     readWrite
// constants: CP4 (Cp/4: vec4s per head)
// dispatch: one invocation per token, query head and four positions, in workgroups of 64
// writes: overwrites up to the token's position, and the rest of the last four with what weighs nothing
struct Dims { T: u32, H: u32, G: u32, S4: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> q_TX: array<vec4f>;
@group(0) @binding(1) var<storage, read> keys_BSX: array<vec4f>;
@group(0) @binding(2) var<storage, read> slopes_H: array<f32>;
@group(0) @binding(3) var<storage, read> places_T: array<vec2u>;
@group(0) @binding(4) var<storage, read_write> scores_THS: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let index = linear_workgroup(workgroup) * 64u + local;
  let head = index / dims.S4;
  let t = head / dims.H;
  if (t >= dims.T) { return; }
  let place = places_T[t];
  let j = index % dims.S4 * 4u + vec4u(0u, 1u, 2u, 3u);
  if (j.x > place.y) { return; }
  let h = head % dims.H;
  let keys = ((place.x + min(j, vec4u(place.y))) * dims.G + h * dims.G / dims.H) * CP4;
  var sums = vec4f();
  for (var c = 0u; c < CP4; c++) {
    let q = q_TX[head * CP4 + c];
    sums += vec4f(
      dot(q, keys_BSX[keys.x + c]), dot(q, keys_BSX[keys.y + c]),
      dot(q, keys_BSX[keys.z + c]), dot(q, keys_BSX[keys.w + c]));
  }
  let scores = sums * dims.scale - slopes_H[h] * vec4f(place.y - min(j, vec4u(place.y)));
  scores_THS[index] = select(vec4f(LOWEST), scores, j <= vec4u(place.y));
}
