// y = hidden·Wdownᵀ for a few rows in expert order, unscaled: no place of a tile is left empty.
//                                                                       docs/model.md, "5. Experts"
// bindings (group 0)
//   0 table     array<u32>    routing table  read
//   1 experts_E array<vec4u>  [E] (F4, gate, up, down offsets in vec4)  read
//   2 hidden_JF array<vec4f>  [J, Fmax4]     read
//   3 w         array<vec4f>  experts' weights: gate, up [F, D], down [D, F]  read
//   4 y_JD      array<f32>    [J, D4·4]      readWrite
// constants: none
// dispatch: 8 invocations per channel of a row, or one (common/lanes), for the most rows there can be, in
//   workgroups of 64
// writes: overwrites the live rows
struct Dims { E: u32, D4: u32, Fmax4: u32 }
@group(0) @binding(0) var<storage, read> table: array<u32>;
@group(0) @binding(1) var<storage, read> experts_E: array<vec4u>;
@group(0) @binding(2) var<storage, read> hidden_JF: array<vec4f>;
@group(0) @binding(3) var<storage, read> w: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y_JD: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let first = linear_workgroup(workgroup) * OUTPUTS;
  let channels = 4u * dims.D4;
  let rows = table[ROW_START + dims.E];
  if (first / channels >= rows) { return; }
  let index = first + local / LANES;
  let j = index / channels;
  let n = index % channels;
  let is_live = j < rows;
  var sum = vec4f();
  if (is_live) {
    let expert = experts_E[find_expert(ROW_START, dims.E, j)];
    for (var f = local % LANES; f < expert.x; f += LANES) {
      sum.x += dot(w[expert.w + n * expert.x + f], hidden_JF[j * dims.Fmax4 + f]);
    }
  }
  let total = lanes_sum(local, sum);
  if (is_live && local % LANES == 0u) { y_JD[j * channels + n] = total.x; }
}
