// The second half of attention.cached for software adapters: the values by their weights.
// out = Σ_{j≤i} softmax(s)(j)·v(j)                                      docs/model.md, "Network"
// bindings (group 0)
//   0 scores_THS array<vec4f>  [T, H, S4]     read       attention.cachedScores
//   1 values_BSX array<vec4f>  [B·S, G·Cp/4]  read
//   2 places_T   array<vec2u>  [T]            read       first row of the token's sequence, its position
//   3 attn_TX    array<vec4f>  [T, H·Cp/4]    readWrite
// constants: CP4 (Cp/4: vec4s per head)
// dispatch: one invocation per token and vec4 of a query head, in workgroups of 64
// writes: overwrites; padding channels of values are 0 and stay 0
struct Dims { T: u32, H: u32, G: u32, S4: u32 }
@group(0) @binding(0) var<storage, read> scores_THS: array<vec4f>;
@group(0) @binding(1) var<storage, read> values_BSX: array<vec4f>;
@group(0) @binding(2) var<storage, read> places_T: array<vec2u>;
@group(0) @binding(3) var<storage, read_write> attn_TX: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let index = linear_workgroup(workgroup) * 64u + local;
  let head = index / CP4;
  let t = head / dims.H;
  if (t >= dims.T) { return; }
  let place = places_T[t];
  let g = head % dims.H * dims.G / dims.H;
  let fours = place.y / 4u + 1u;
  var most = vec4f(LOWEST);
  for (var i = 0u; i < fours; i++) { most = max(most, scores_THS[head * dims.S4 + i]); }
  let largest = max(max(most.x, most.y), max(most.z, most.w));
  var totals = vec4f();
  var mixed = vec4f();
  for (var i = 0u; i < fours; i++) {
    let weights = exp(scores_THS[head * dims.S4 + i] - largest);
    let rows = place.x + min(4u * i + vec4u(0u, 1u, 2u, 3u), vec4u(place.y));
    let values = (rows * dims.G + g) * CP4 + index % CP4;
    totals += weights;
    mixed += weights.x * values_BSX[values.x] + weights.y * values_BSX[values.y];
    mixed += weights.z * values_BSX[values.z] + weights.w * values_BSX[values.w];
  }
  attn_TX[index] = mixed / (totals.x + totals.y + totals.z + totals.w);
}
