// Importance of the hidden units of one FFN expert: the least important are dropped when it narrows.
// importance[f] = ‖down[:, f]‖·(‖gate[f, :]‖ + ‖up[f, :]‖)                  docs/model.md, "Surgery"
// bindings (group 0)
//   0 p_N          array<f32>  [N]  read       all parameters
//   1 importance_U array<f32>  [U]  readWrite  units of all experts that narrow
// constants: none
// dispatch: one invocation per unit, in workgroups of 64
// writes: overwrites first … first + F − 1; sums run over the channels in order
struct Dims { D: u32, F: u32, gate: u32, up: u32, down: u32, row_D: u32, row_F: u32, first: u32 }
@group(0) @binding(0) var<storage, read> p_N: array<f32>;
@group(0) @binding(1) var<storage, read_write> importance_U: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let f = linear_workgroup(workgroup) * 64u + local;
  if (f >= dims.F) { return; }
  var gate = 0.0;
  var up = 0.0;
  var down = 0.0;
  for (var d = 0u; d < dims.D; d++) {
    let g = p_N[dims.gate + f * dims.row_D + d];
    let u = p_N[dims.up + f * dims.row_D + d];
    let o = p_N[dims.down + d * dims.row_F + f];
    gate += g * g;
    up += u * u;
    down += o * o;
  }
  importance_U[dims.first + f] = sqrt(down) * (sqrt(gate) + sqrt(up));
}
