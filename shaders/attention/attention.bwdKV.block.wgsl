// Gradient of attention for keys and values, in blocks of four keys and eight queries: the body of
// attention.bwdKV for software adapters, for heads of at most 32 channels.
// forward was: s(i) = q(i)·k/sqrt(C) − slope·(i − j), a = softmax(s), out(i) = Σ_j a(i, j)·v(j)
// dv = Σ_{h,i≥j} a(i)·do(i); dk = Σ_{h,i≥j} a(i)·(do(i)·v − δ(i))·q(i)/sqrt(C)
// docs/model.md, "Network"
// bindings (group 0)
//   0 q_TX     array<vec4f>  [T, H·Cp/4]         read
//   1 k_TX     array<vec4f>  [T, G·Cp/4]         read
//   2 qkv_TX   array<vec4f>  [T, (H + 2G)·Cp/4]  read       v heads only
//   3 slopes_H array<f32>    [H]                 read       0 without ALiBi
//   4 dattn_TX array<vec4f>  [T, H·Cp/4]         read
//   5 lse_TH   array<f32>    [T, H]              read
//   6 delta_TH array<f32>    [T, H]              read
//   7 dqkv_TX  array<vec4f>  [T, (H + 2G)·Cp/4]  readWrite  k and v heads only
// constants: CP4 (Cp/4: vec4s per head, at most 8)
//   Loops over them count to dims.C4, its equal, so that compilers do not unroll them: code for all
//   channels took seconds to compile.
// dispatch: one invocation per sequence, key/value head and four positions, in workgroups of 64
// writes: overwrites the k and v heads; padding channels of q and do are 0, so theirs are
struct Dims { B: u32, S: u32, H: u32, G: u32, scale: f32, C4: u32 }
@group(0) @binding(0) var<storage, read> q_TX: array<vec4f>;
@group(0) @binding(1) var<storage, read> k_TX: array<vec4f>;
@group(0) @binding(2) var<storage, read> qkv_TX: array<vec4f>;
@group(0) @binding(3) var<storage, read> slopes_H: array<f32>;
@group(0) @binding(4) var<storage, read> dattn_TX: array<vec4f>;
@group(0) @binding(5) var<storage, read> lse_TH: array<f32>;
@group(0) @binding(6) var<storage, read> delta_TH: array<f32>;
@group(0) @binding(7) var<storage, read_write> dqkv_TX: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

var<private> lane: u32;
var<private> sequence: u32;
// The query head being walked.
var<private> h: u32;

fn query_row(i: u32) -> u32 { return (sequence + min(i, dims.S - 1u)) * dims.H + h; }
fn query(i: u32, c: u32) -> vec4f { return q_TX[query_row(i) * CP4 + c]; }
fn dout(i: u32, c: u32) -> vec4f { return dattn_TX[query_row(i) * CP4 + c]; }

fn queries(i: u32, c: u32) -> mat4x4f {
  return of_quad(query(i + lane, c));
}

fn douts(i: u32, c: u32) -> mat4x4f {
  return of_quad(dout(i + lane, c));
}

fn statistics_of(i: u32) -> vec4f {
  return vec4f(lse_TH[query_row(i)], delta_TH[query_row(i)], 0.0, 0.0);
}

// lse and delta of four queries in the first two columns.
fn statistics(i: u32) -> mat4x4f {
  return transpose(of_quad(statistics_of(i + lane)));
}

// Weights that the queries at `at`, which must not lie before it, give key j.
fn masked(dots: vec4f, j: f32, at: vec4f, slope: f32, lse: vec4f) -> vec4f {
  let sees = (at >= vec4f(j)) & (at < vec4f(f32(dims.S)));
  return select(vec4f(), exp(dots - slope * (at - j) - lse), sees);
}

fn rows_masked(dots: mat4x4f, j: vec4f, at: vec4f, slope: f32, lse: vec4f) -> mat4x4f {
  return mat4x4f(
    masked(dots[0], j.x, at, slope, lse), masked(dots[1], j.y, at, slope, lse),
    masked(dots[2], j.z, at, slope, lse), masked(dots[3], j.w, at, slope, lse));
}

fn score_gradients(a: mat4x4f, da: mat4x4f, delta: vec4f) -> mat4x4f {
  return mat4x4f(
    a[0] * (da[0] - delta), a[1] * (da[1] - delta), a[2] * (da[2] - delta), a[3] * (da[3] - delta));
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let place = place_of(linear_workgroup(workgroup, grid) * 64u + local, dims.G, dims.S);
  if (place.b >= dims.B) { return; }
  lane = local % 4u;
  sequence = place.b * dims.S;
  let first = place.first;
  let tokens = vec4u(sequence) + min(vec4u(first) + vec4u(0u, 1u, 2u, 3u), vec4u(dims.S - 1u));
  let heads = dims.H + 2u * dims.G;
  let value_head = dims.H + dims.G + place.head;
  var k: Rows;
  var v: Rows;
  var dk: Rows;
  var dv: Rows;
  for (var c = 0u; c < dims.C4; c++) {
    let key = (tokens * dims.G + place.head) * CP4 + c;
    let value = (tokens * heads + value_head) * CP4 + c;
    put_block(&k, c, dims.scale * mat4x4f(k_TX[key.x], k_TX[key.y], k_TX[key.z], k_TX[key.w]));
    put_block(&v, c, mat4x4f(qkv_TX[value.x], qkv_TX[value.y], qkv_TX[value.z], qkv_TX[value.w]));
  }
  let j = four(first);
  let shared_by = dims.H / dims.G;
  for (h = place.head * shared_by; h < (place.head + 1u) * shared_by; h++) {
    let slope = slopes_H[h];
    for (var i = rows_start(first); i < dims.S; i += 8u) {
      var s0 = mat4x4f();
      var s1 = mat4x4f();
      var da0 = mat4x4f();
      var da1 = mat4x4f();
      for (var c = 0u; c < dims.C4; c++) {
        let key = block_at(&k, c);
        s0 = add_product(s0, transpose(queries(i, c)), key);
        s1 = add_product(s1, transpose(queries(i + 4u, c)), key);
        let value = block_at(&v, c);
        da0 = add_product(da0, transpose(douts(i, c)), value);
        da1 = add_product(da1, transpose(douts(i + 4u, c)), value);
      }
      let of0 = statistics(i);
      let of1 = statistics(i + 4u);
      let a0 = rows_masked(s0, j, four(i), slope, of0[0]);
      let a1 = rows_masked(s1, j, four(i + 4u), slope, of1[0]);
      let ds0 = score_gradients(a0, da0, of0[1]);
      let ds1 = score_gradients(a1, da1, of1[1]);
      for (var c = 0u; c < dims.C4; c++) {
        put_block(&dk, c, add_product(add_product(block_at(&dk, c), queries(i, c), ds0), queries(i + 4u, c), ds1));
        put_block(&dv, c, add_product(add_product(block_at(&dv, c), douts(i, c), a0), douts(i + 4u, c), a1));
      }
    }
  }
  for (var n = 0u; n < min(4u, max(dims.S, first) - first); n++) {
    let token = (sequence + first + n) * heads;
    for (var c = 0u; c < dims.C4; c++) {
      dqkv_TX[(token + value_head - dims.G) * CP4 + c] = row_of(block_at(&dk, c), n) * dims.scale;
      dqkv_TX[(token + value_head) * CP4 + c] = row_of(block_at(&dv, c), n);
    }
  }
}
