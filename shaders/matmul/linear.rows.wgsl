// y = x · wᵀ (+ y) for a few rows: every weight is read once for up to four of them, and no place of a tile
// is left empty.
// y[t, n] = Σ_k x[t, k]·w[n, k]                                         docs/model.md, "Network"
// bindings (group 0)
//   0 x_TK array<vec4f>  [T, K4]     read
//   1 w_NK array<vec4f>  [N4·4, K4]  read
//   2 y_TN array<f32>    [T, N4·4]   readWrite
// constants: ROWS (rows of an invocation, 1 to 4)
// dispatch: 8 invocations per output of ROWS rows, or one (common/lanes), in workgroups of 64
// writes: accumulates where dims.accumulate = 1, else overwrites; padding of w is 0
struct Dims { T: u32, N4: u32, K4: u32, accumulate: u32 }
@group(0) @binding(0) var<storage, read> x_TK: array<vec4f>;
@group(0) @binding(1) var<storage, read> w_NK: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y_TN: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

fn x_at(t: u32, k: u32) -> vec4f { return x_TK[min(t, dims.T - 1u) * dims.K4 + k]; }

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let index = linear_workgroup(workgroup) * OUTPUTS + local / LANES;
  let N = 4u * dims.N4;
  let n = index % N;
  let t = index / N * ROWS;
  var sums = vec4f();
  if (t < dims.T) {
    for (var k = local % LANES; k < dims.K4; k += LANES) {
      let w = w_NK[n * dims.K4 + k];
      sums.x += dot(w, x_at(t, k));
      if (ROWS > 1u) { sums.y += dot(w, x_at(t + 1u, k)); }
      if (ROWS > 2u) { sums.z += dot(w, x_at(t + 2u, k)); }
      if (ROWS > 3u) { sums.w += dot(w, x_at(t + 3u, k)); }
    }
  }
  let y = lanes_sum(local, sums);
  if (local % LANES != 0u) { return; }
  for (var r = 0u; r < ROWS; r++) {
    if (t + r >= dims.T) { return; }
    let at = (t + r) * N + n;
    y_TN[at] = y[r] + select(0.0, y_TN[at], dims.accumulate == 1u);
  }
}
