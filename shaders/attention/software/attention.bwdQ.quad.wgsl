// Gradient of attention for queries; four invocations own eight queries of one head: the body of
// attention.bwdQ for software adapters, for heads of at most 32 channels.
// forward was: s(j) = q·k(j)/sqrt(C) − slope·(i − j), a = softmax(s), out = Σ_{j≤i} a(j)·v(j)
// dq = Σ_{j≤i} a(j)·(do·v(j) − δ)·k(j)/sqrt(C)                            docs/model.md, "Network"
// bindings (group 0)
//   0 q_TX       array<vec4f>  [T, H·Cp/4]         read
//   1 k_TX       array<vec4f>  [T, G·Cp/4]         read
//   2 qkv_TX     array<vec4f>  [T, (H + 2G)·Cp/4]  read       v heads only
//   3 slopes_H   array<f32>    [H]                 read       0 without ALiBi
//   4 dattn_TX   array<vec4f>  [T, H·Cp/4]         read
//   5 softmax_TH array<vec2f>  [T, H]              read       see attention.fwd
//   6 delta_TH   array<f32>    [T, H]              read
//   7 dqkv_TX    array<vec4f>  [T, (H + 2G)·Cp/4]  readWrite  q heads only
// constants: CP4 (Cp/4: vec4s per head, at most 8), BLOCKS (vec4s per invocation)
// dispatch: four invocations per sequence, query head and eight positions, in workgroups of 64
// writes: overwrites the q heads; padding channels of k are 0, so theirs are
struct Dims { B: u32, S: u32, H: u32, G: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> q_TX: array<vec4f>;
@group(0) @binding(1) var<storage, read> k_TX: array<vec4f>;
@group(0) @binding(2) var<storage, read> qkv_TX: array<vec4f>;
@group(0) @binding(3) var<storage, read> slopes_H: array<f32>;
@group(0) @binding(4) var<storage, read> dattn_TX: array<vec4f>;
@group(0) @binding(5) var<storage, read> softmax_TH: array<vec2f>;
@group(0) @binding(6) var<storage, read> delta_TH: array<f32>;
@group(0) @binding(7) var<storage, read_write> dqkv_TX: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

// Gradients of the scores of query i with the keys at `at`, which must not lie after it; `of_query` is
// its softmax and δ. A query that gives one key all of its weight, as the first must, has no gradient, not δ's
// rounding.
fn score_gradients(dots: vec4f, da: vec4f, i: f32, at: vec4f, slope: f32, of_query: vec3f) -> vec4f {
  let score = fma(vec4f(-slope), i - at, dots * dims.scale);
  let a = exp(min(score, of_query.xxxx) - of_query.x) * of_query.y;
  return select(vec4f(), a * (da - of_query.z), (at <= vec4f(i)) & (a < vec4f(1.0)) & vec4<bool>(i > 0.0));
}

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let place = place_of((linear_workgroup(workgroup) * 64u + local) / 4u, dims.H, 8u);
  if (place.b >= dims.B) { return; }
  lane = local % 4u;
  sequence = place.b * dims.S;
  head = place.head;
  group = head * dims.G / dims.H;
  let upper = place.first;
  let lower = upper + 4u;
  let q_upper = queries(upper);
  let q_lower = queries(lower);
  let do_upper = douts(upper);
  let do_lower = douts(lower);
  let slope = slopes_H[head];
  // Of the own query among the upper four, and of that among the lower four.
  let i = vec2f(f32(upper + lane), f32(lower + lane));
  let of_upper = vec3f(softmax_TH[query_row(upper + lane)], delta_TH[query_row(upper + lane)]);
  let of_lower = vec3f(softmax_TH[query_row(lower + lane)], delta_TH[query_row(lower + lane)]);
  var dq_upper: Channels;
  var dq_lower: Channels;
  let end = min(lower + 4u, dims.S);
  for (var j = 0u; j < end; j += 4u) {
    // Column n = query n with the four keys, and with the four values.
    let k = keys(j);
    let v = values(j);
    var upper_part = transpose(k[0]) * q_upper[0];
    var lower_part = transpose(k[0]) * q_lower[0];
    var upper_da = transpose(v[0]) * do_upper[0];
    var lower_da = transpose(v[0]) * do_lower[0];
    if (BLOCKS > 1u) {
      upper_part += transpose(k[BLOCKS - 1u]) * q_upper[BLOCKS - 1u];
      lower_part += transpose(k[BLOCKS - 1u]) * q_lower[BLOCKS - 1u];
      upper_da += transpose(v[BLOCKS - 1u]) * do_upper[BLOCKS - 1u];
      lower_da += transpose(v[BLOCKS - 1u]) * do_lower[BLOCKS - 1u];
    }
    let at = four(j);
    let ds_upper = of_quad(score_gradients(own_row(upper_part), own_row(upper_da), i.x, at, slope, of_upper));
    let ds_lower = of_quad(score_gradients(own_row(lower_part), own_row(lower_da), i.y, at, slope, of_lower));
    dq_upper[0] += k[0] * ds_upper;
    dq_lower[0] += k[0] * ds_lower;
    if (BLOCKS > 1u) {
      dq_upper[BLOCKS - 1u] += k[BLOCKS - 1u] * ds_upper;
      dq_lower[BLOCKS - 1u] += k[BLOCKS - 1u] * ds_lower;
    }
  }
  store(upper, head, dq_upper, dims.scale);
  store(lower, head, dq_lower, dims.scale);
}
