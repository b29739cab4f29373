// y_MN = x_MK · w_NKᵀ, one invocation per output: what a product costs without any tiling.
struct Dims { m: u32, n: u32, k: u32 }
@group(0) @binding(0) var<storage, read> x_MK: array<f32>;
@group(0) @binding(1) var<storage, read> w_NK: array<f32>;
@group(0) @binding(2) var<storage, read_write> y_MN: array<f32>;
@group(0) @binding(3) var<uniform> dims: Dims;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) at: vec3u) {
  if (at.y >= dims.m || at.x >= dims.n) { return; }
  var sum = 0.0;
  for (var k = 0u; k < dims.k; k++) {
    sum += x_MK[at.y * dims.k + k] * w_NK[at.x * dims.k + k];
  }
  y_MN[at.y * dims.n + at.x] = sum;
}
