// Gradient of attention for queries, in blocks of four queries and eight keys: the body of
// attention.bwdQ for software adapters, for heads of at most 32 channels.
// forward was: s(j) = q·k(j)/sqrt(C) − slope·(i − j), a = softmax(s), out = Σ_{j≤i} a(j)·v(j)
// dq = Σ_{j≤i} a(j)·(do·v(j) − δ)·k(j)/sqrt(C)                            docs/model.md, "Network"
// bindings (group 0)
//   0 q_TX     array<vec4f>  [T, H·Cp/4]         read
//   1 k_TX     array<vec4f>  [T, G·Cp/4]         read
//   2 qkv_TX   array<vec4f>  [T, (H + 2G)·Cp/4]  read       v heads only
//   3 slopes_H array<f32>    [H]                 read       0 without ALiBi
//   4 dattn_TX array<vec4f>  [T, H·Cp/4]         read
//   5 lse_TH   array<f32>    [T, H]              read
//   6 delta_TH array<f32>    [T, H]              read
//   7 dqkv_TX  array<vec4f>  [T, (H + 2G)·Cp/4]  readWrite  q heads only
// constants: CP4 (Cp/4: vec4s per head, at most 8)
//   Loops over them count to dims.C4, its equal, so that compilers do not unroll them: code for all
//   channels took seconds to compile.
// dispatch: one invocation per sequence, query head and four positions, in workgroups of 64
// writes: overwrites the q heads; padding channels of k are 0, so theirs are
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
var<private> head: u32;

fn key(j: u32, c: u32) -> vec4f {
  let g = head * dims.G / dims.H;
  return k_TX[((sequence + min(j, dims.S - 1u)) * dims.G + g) * CP4 + c];
}

fn value(j: u32, c: u32) -> vec4f {
  let g = head * dims.G / dims.H;
  let heads = dims.H + 2u * dims.G;
  return qkv_TX[((sequence + min(j, dims.S - 1u)) * heads + dims.H + dims.G + g) * CP4 + c];
}

fn keys(j: u32, c: u32) -> mat4x4f {
  return of_quad(key(j + lane, c));
}

fn values(j: u32, c: u32) -> mat4x4f {
  return of_quad(value(j + lane, c));
}

fn query_row(i: u32) -> u32 { return (sequence + min(i, dims.S - 1u)) * dims.H + head; }

// Gradients of the scores of query i with the keys at `at`, which must not lie after it.
fn masked(dots: vec4f, da: vec4f, i: f32, at: vec4f, slope: f32, lse: f32, delta: f32) -> vec4f {
  let a = select(vec4f(), exp(dots - slope * (i - at) - lse), at <= vec4f(i));
  return a * (da - delta);
}

fn rows_masked(
  dots: mat4x4f, da: mat4x4f, i: vec4f, at: vec4f, slope: f32, lse: vec4f, delta: vec4f,
) -> mat4x4f {
  return mat4x4f(
    masked(dots[0], da[0], i.x, at, slope, lse.x, delta.x),
    masked(dots[1], da[1], i.y, at, slope, lse.y, delta.y),
    masked(dots[2], da[2], i.z, at, slope, lse.z, delta.z),
    masked(dots[3], da[3], i.w, at, slope, lse.w, delta.w));
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let place = place_of(linear_workgroup(workgroup, grid) * 64u + local, dims.H, dims.S);
  if (place.b >= dims.B) { return; }
  lane = local % 4u;
  sequence = place.b * dims.S;
  head = place.head;
  let first = place.first;
  let rows = vec4u(query_row(first), query_row(first + 1u), query_row(first + 2u), query_row(first + 3u));
  var q: Rows;
  var dout: Rows;
  var dq: Rows;
  for (var c = 0u; c < dims.C4; c++) {
    let source = rows * CP4 + c;
    put_block(&q, c, dims.scale * mat4x4f(q_TX[source.x], q_TX[source.y], q_TX[source.z], q_TX[source.w]));
    put_block(&dout, c, mat4x4f(dattn_TX[source.x], dattn_TX[source.y], dattn_TX[source.z], dattn_TX[source.w]));
  }
  let lse = vec4f(lse_TH[rows.x], lse_TH[rows.y], lse_TH[rows.z], lse_TH[rows.w]);
  let delta = vec4f(delta_TH[rows.x], delta_TH[rows.y], delta_TH[rows.z], delta_TH[rows.w]);
  let i = four(first);
  let slope = slopes_H[head];
  let end = rows_end(first, dims.S);
  for (var j = 0u; j < end; j += 8u) {
    var s0 = mat4x4f();
    var s1 = mat4x4f();
    var da0 = mat4x4f();
    var da1 = mat4x4f();
    for (var c = 0u; c < dims.C4; c++) {
      let query = block_at(&q, c);
      s0 = add_product(s0, transpose(keys(j, c)), query);
      s1 = add_product(s1, transpose(keys(j + 4u, c)), query);
      let out = block_at(&dout, c);
      da0 = add_product(da0, transpose(values(j, c)), out);
      da1 = add_product(da1, transpose(values(j + 4u, c)), out);
    }
    let ds0 = rows_masked(s0, da0, i, four(j), slope, lse, delta);
    let ds1 = rows_masked(s1, da1, i, four(j + 4u), slope, lse, delta);
    for (var c = 0u; c < dims.C4; c++) {
      put_block(&dq, c, add_product(add_product(block_at(&dq, c), keys(j, c), ds0), keys(j + 4u, c), ds1));
    }
  }
  let heads = dims.H + 2u * dims.G;
  for (var n = 0u; n < min(4u, max(dims.S, first) - first); n++) {
    let row = (sequence + first + n) * heads + head;
    for (var c = 0u; c < dims.C4; c++) { dqkv_TX[row * CP4 + c] = row_of(block_at(&dq, c), n) * dims.scale; }
  }
}
