// Causal attention with an online softmax; four invocations own eight queries of one head: the body of
// attention.fwd for software adapters, for heads of at most 32 channels.
// s(j) = q·k(j)/sqrt(C) − slope·(i − j), out = Σ_{j≤i} softmax(s)(j)·v(j)  docs/model.md, "Network"
// bindings (group 0)
//   0 q_TX       array<vec4f>  [T, H·Cp/4]         read
//   1 k_TX       array<vec4f>  [T, G·Cp/4]         read
//   2 qkv_TX     array<vec4f>  [T, (H + 2G)·Cp/4]  read       v heads only
//   3 slopes_H   array<f32>    [H]                 read       0 without ALiBi
//   4 attn_TX    array<vec4f>  [T, H·Cp/4]         readWrite
//   5 softmax_TH array<vec2f>  [T, H]              readWrite  saved for backward: the largest s and
//     1 / Σ exp(s − largest)
// constants: CP4 (Cp/4: vec4s per head, at most 8), BLOCKS (vec4s per invocation)
// dispatch: four invocations per sequence, query head and eight positions, in workgroups of 64
// writes: overwrites; padding channels of v are 0 and stay 0
struct Dims { B: u32, S: u32, H: u32, G: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> q_TX: array<vec4f>;
@group(0) @binding(1) var<storage, read> k_TX: array<vec4f>;
@group(0) @binding(2) var<storage, read> qkv_TX: array<vec4f>;
@group(0) @binding(3) var<storage, read> slopes_H: array<f32>;
@group(0) @binding(4) var<storage, read_write> attn_TX: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> softmax_TH: array<vec2f>;
@group(1) @binding(0) var<uniform> dims: Dims;

// Scores of query i with the keys at `at`, which must not lie after it.
fn masked(dots: vec4f, i: f32, at: vec4f, slope: f32) -> vec4f {
  return select(vec4f(LOWEST), fma(vec4f(-slope), i - at, dots * dims.scale), at <= vec4f(i));
}

fn store_block(row: u32, c: u32, block: mat4x4f, total: vec4f) {
  for (var n = 0u; n < 4u; n++) {
    if (row + n < dims.S && c < CP4) {
      attn_TX[query_row(row + n) * CP4 + c] = row_of(block, n) / total[n];
    }
  }
}

fn store(row: u32, mixed: Channels, total: vec4f) {
  store_block(row, lane, mixed[0], total);
  if (BLOCKS > 1u) { store_block(row, lane + 4u, mixed[BLOCKS - 1u], total); }
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
  let slope = slopes_H[head];
  // Of the own query among the upper four, and of that among the lower four.
  let i = vec2f(f32(upper + lane), f32(lower + lane));
  var highest = vec2f(LOWEST);
  var total = vec2f();
  var mixed_upper: Channels;
  var mixed_lower: Channels;
  let end = min(lower + 4u, dims.S);
  for (var j = 0u; j < end; j += 4u) {
    // Column n = query n with the four keys.
    let k = keys(j);
    var upper_part = transpose(k[0]) * q_upper[0];
    var lower_part = transpose(k[0]) * q_lower[0];
    if (BLOCKS > 1u) {
      upper_part += transpose(k[BLOCKS - 1u]) * q_upper[BLOCKS - 1u];
      lower_part += transpose(k[BLOCKS - 1u]) * q_lower[BLOCKS - 1u];
    }
    let at = four(j);
    let s_upper = masked(own_row(upper_part), i.x, at, slope);
    let s_lower = masked(own_row(lower_part), i.y, at, slope);
    let top = max(highest, vec2f(max4(s_upper), max4(s_lower)));
    let rescale = exp(highest - top);
    highest = top;
    // All of these keys may lie after a query: its weights are 0 then, not 1.
    let own_upper = select(vec4f(), exp(s_upper - top.x), at <= vec4f(i.x));
    let own_lower = select(vec4f(), exp(s_lower - top.y), at <= vec4f(i.y));
    total = total * rescale + vec2f(sum4(own_upper), sum4(own_lower));
    let a_upper = of_quad(own_upper);
    let a_lower = of_quad(own_lower);
    let rescales = of_quad(vec4f(rescale, 0.0, 0.0));
    let by_upper = firsts(rescales);
    let by_lower = seconds(rescales);
    let v = values(j);
    mixed_upper[0] = rescaled(mixed_upper[0], by_upper) + v[0] * a_upper;
    mixed_lower[0] = rescaled(mixed_lower[0], by_lower) + v[0] * a_lower;
    if (BLOCKS > 1u) {
      mixed_upper[BLOCKS - 1u] = rescaled(mixed_upper[BLOCKS - 1u], by_upper) + v[BLOCKS - 1u] * a_upper;
      mixed_lower[BLOCKS - 1u] = rescaled(mixed_lower[BLOCKS - 1u], by_lower) + v[BLOCKS - 1u] * a_lower;
    }
  }
  if (upper + lane < dims.S) { softmax_TH[query_row(upper + lane)] = vec2f(highest.x, 1.0 / total.x); }
  if (lower + lane < dims.S) { softmax_TH[query_row(lower + lane)] = vec2f(highest.y, 1.0 / total.y); }
  let totals = of_quad(vec4f(total, 0.0, 0.0));
  store(upper, mixed_upper, firsts(totals));
  store(lower, mixed_lower, seconds(totals));
}
