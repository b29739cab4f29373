// Partial sums of squares of the gradient: the first half of its global norm.
// norm² = Σ g²                                                         docs/model.md, "Optimiser"
// bindings (group 0)
//   0 grad_N     array<vec4f>  [N4]          read       all gradients; padding is 0
//   1 partials_W array<f32>    [workgroups]  readWrite
// constants: none
// dispatch: a fixed number of rows (common/row) that stride over the buffer
// writes: overwrites
struct Dims { N4: u32, workgroups: u32 }
@group(0) @binding(0) var<storage, read> grad_N: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> partials_W: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let w = row_index(workgroup, local);
  let lane = lane_index(local);
  if (w >= dims.workgroups) { return; }
  var squares = 0.0;
  for (var i = w * LANES + lane; i < dims.N4; i += dims.workgroups * LANES) {
    let g = grad_N[i];
    squares += dot(g, g);
  }
  let total = reduce_sum(lane, squares);
  if (lane == 0u) { partials_W[w] = total; }
}
