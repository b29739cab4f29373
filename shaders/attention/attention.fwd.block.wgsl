// Causal attention with an online softmax over blocks of four queries and eight keys: the body of
// attention.fwd for software adapters, for heads of at most 32 channels.
// s(j) = q·k(j)/sqrt(C) − slope·(i − j), out = Σ_{j≤i} softmax(s)(j)·v(j)  docs/model.md, "Network"
// bindings (group 0)
//   0 q_TX     array<vec4f>  [T, H·Cp/4]         read
//   1 k_TX     array<vec4f>  [T, G·Cp/4]         read
//   2 qkv_TX   array<vec4f>  [T, (H + 2G)·Cp/4]  read       v heads only
//   3 slopes_H array<f32>    [H]                 read       0 without ALiBi
//   4 attn_TX  array<vec4f>  [T, H·Cp/4]         readWrite
//   5 lse_TH   array<f32>    [T, H]              readWrite  log Σ exp(s), saved for backward
// constants: CP4 (Cp/4: vec4s per head, at most 8)
//   Loops over them count to dims.C4, its equal, so that compilers do not unroll them: code for all
//   channels took seconds to compile.
// dispatch: one invocation per sequence, query head and four positions, in workgroups of 64
// writes: overwrites; padding channels of v are 0 and stay 0
struct Dims { B: u32, S: u32, H: u32, G: u32, scale: f32, C4: u32 }
@group(0) @binding(0) var<storage, read> q_TX: array<vec4f>;
@group(0) @binding(1) var<storage, read> k_TX: array<vec4f>;
@group(0) @binding(2) var<storage, read> qkv_TX: array<vec4f>;
@group(0) @binding(3) var<storage, read> slopes_H: array<f32>;
@group(0) @binding(4) var<storage, read_write> attn_TX: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> lse_TH: array<f32>;
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

// Scores of query i with the keys at `at`, which must not lie after it.
fn masked(dots: vec4f, i: f32, at: vec4f, slope: f32) -> vec4f {
  return select(vec4f(LOWEST), dots - slope * (i - at), at <= vec4f(i));
}

fn rows_masked(dots: mat4x4f, i: vec4f, at: vec4f, slope: f32) -> mat4x4f {
  return mat4x4f(
    masked(dots[0], i.x, at, slope), masked(dots[1], i.y, at, slope),
    masked(dots[2], i.z, at, slope), masked(dots[3], i.w, at, slope));
}

fn rows_max(s: mat4x4f) -> vec4f { return vec4f(max4(s[0]), max4(s[1]), max4(s[2]), max4(s[3])); }
fn rows_sum(s: mat4x4f) -> vec4f { return vec4f(sum4(s[0]), sum4(s[1]), sum4(s[2]), sum4(s[3])); }
fn rows_exp(s: mat4x4f, top: vec4f) -> mat4x4f {
  return mat4x4f(exp(s[0] - top.x), exp(s[1] - top.y), exp(s[2] - top.z), exp(s[3] - top.w));
}
fn rows_scaled(x: mat4x4f, by: vec4f) -> mat4x4f {
  return mat4x4f(x[0] * by.x, x[1] * by.y, x[2] * by.z, x[3] * by.w);
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
  var mixed: Rows;
  for (var c = 0u; c < dims.C4; c++) {
    let source = rows * CP4 + c;
    put_block(&q, c, dims.scale * mat4x4f(q_TX[source.x], q_TX[source.y], q_TX[source.z], q_TX[source.w]));
  }
  let i = four(first);
  let slope = slopes_H[head];
  var highest = vec4f(LOWEST);
  var total = vec4f();
  let end = rows_end(first, dims.S);
  for (var j = 0u; j < end; j += 8u) {
    var s0 = mat4x4f();
    var s1 = mat4x4f();
    for (var c = 0u; c < dims.C4; c++) {
      let query = block_at(&q, c);
      s0 = add_product(s0, transpose(keys(j, c)), query);
      s1 = add_product(s1, transpose(keys(j + 4u, c)), query);
    }
    s0 = rows_masked(s0, i, four(j), slope);
    s1 = rows_masked(s1, i, four(j + 4u), slope);
    let top = max(highest, max(rows_max(s0), rows_max(s1)));
    let rescale = exp(highest - top);
    highest = top;
    let a0 = rows_exp(s0, top);
    let a1 = rows_exp(s1, top);
    total = total * rescale + (rows_sum(a0) + rows_sum(a1));
    for (var c = 0u; c < dims.C4; c++) {
      let old = rows_scaled(block_at(&mixed, c), rescale);
      put_block(&mixed, c, add_product(add_product(old, values(j, c), a0), values(j + 4u, c), a1));
    }
  }
  let lse = highest + log(total);
  for (var n = 0u; n < min(4u, max(dims.S, first) - first); n++) {
    let row = query_row(first + n);
    lse_TH[row] = lse[n];
    for (var c = 0u; c < dims.C4; c++) { attn_TX[row * CP4 + c] = row_of(block_at(&mixed, c), n) / total[n]; }
  }
}
