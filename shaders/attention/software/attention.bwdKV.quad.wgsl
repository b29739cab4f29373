// Gradient of attention for keys and values; four invocations own four keys of one head: the body of
// attention.bwdKV for software adapters, for heads of at most 32 channels.
// forward was: s(i) = q(i)·k/sqrt(C) − slope·(i − j), a = softmax(s), out(i) = Σ_j a(i, j)·v(j)
// dv = Σ_{h,i≥j} a(i)·do(i); dk = Σ_{h,i≥j} a(i)·(do(i)·v − δ(i))·q(i)/sqrt(C)
// docs/model.md, "Network"
// bindings (group 0)
//   0 q_TX       array<vec4f>  [T, H·Cp/4]         read
//   1 k_TX       array<vec4f>  [T, G·Cp/4]         read
//   2 qkv_TX     array<vec4f>  [T, (H + 2G)·Cp/4]  read       v heads only
//   3 slopes_H   array<f32>    [H]                 read       0 without ALiBi
//   4 dattn_TX   array<vec4f>  [T, H·Cp/4]         read
//   5 softmax_TH array<vec2f>  [T, H]              read       see attention.fwd
//   6 delta_TH   array<f32>    [T, H]              read
//   7 dqkv_TX    array<vec4f>  [T, (H + 2G)·Cp/4]  readWrite  k and v heads only
// constants: CP4 (Cp/4: vec4s per head, at most 8), BLOCKS (vec4s per invocation)
// dispatch: four invocations per sequence, key/value head and four positions, in workgroups of 64
// writes: overwrites the k and v heads; padding channels of q and do are 0, so theirs are
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

// Weights that the queries at `at`, which must not lie before it, give key j; `of_queries` has softmax and δ.
fn masked(dots: vec4f, j: f32, at: vec4f, slope: f32, of_queries: mat4x4f) -> vec4f {
  let sees = (at >= vec4f(j)) & (at < vec4f(f32(dims.S)));
  let score = fma(vec4f(-slope), at - j, dots * dims.scale);
  let top = firsts(of_queries);
  return select(vec4f(), exp(min(score, top) - top) * seconds(of_queries), sees);
}

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let place = place_of((linear_workgroup(workgroup) * 64u + local) / 4u, dims.G, 4u);
  if (place.b >= dims.B) { return; }
  lane = local % 4u;
  sequence = place.b * dims.S;
  group = place.head;
  let first = place.first;
  let k = keys(first);
  let v = values(first);
  // The own key.
  let j = f32(first + lane);
  var dk: Channels;
  var dv: Channels;
  let shared_by = dims.H / dims.G;
  for (head = group * shared_by; head < (group + 1u) * shared_by; head++) {
    let slope = slopes_H[head];
    for (var i = first; i < dims.S; i += 4u) {
      let q = queries(i);
      let do_i = douts(i);
      // Column n = key n with the four queries, and value n with their gradients.
      var part = transpose(q[0]) * k[0];
      var da_part = transpose(do_i[0]) * v[0];
      if (BLOCKS > 1u) {
        part += transpose(q[BLOCKS - 1u]) * k[BLOCKS - 1u];
        da_part += transpose(do_i[BLOCKS - 1u]) * v[BLOCKS - 1u];
      }
      let own = query_row(i + lane);
      let of_queries = of_quad(vec4f(softmax_TH[own], delta_TH[own], 0.0));
      let at = four(i);
      let own_a = masked(own_row(part), j, at, slope, of_queries);
      // A query that gives one key all of its weight, as the first must, has no gradient, not δ's rounding.
      let is_sure = (own_a == vec4f(1.0)) | (at == vec4f());
      let own_ds = select(own_a * (own_row(da_part) - thirds(of_queries)), vec4f(), is_sure);
      let a = of_quad(own_a);
      let ds = of_quad(own_ds);
      dk[0] += q[0] * ds;
      dv[0] += do_i[0] * a;
      if (BLOCKS > 1u) {
        dk[BLOCKS - 1u] += q[BLOCKS - 1u] * ds;
        dv[BLOCKS - 1u] += do_i[BLOCKS - 1u] * a;
      }
    }
  }
  store(first, dims.H + group, dk, dims.scale);
  store(first, dims.H + dims.G + group, dv, 1.0);
}
