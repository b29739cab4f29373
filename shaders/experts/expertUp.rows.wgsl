// hidden = silu(m·Wgateᵀ) ⊙ (m·Wupᵀ) for a few rows in expert order: no place of a tile is left empty.
//                                                                       docs/model.md, "5. Experts"
// bindings (group 0)
//   0 table       array<u32>    routing table  read
//   1 experts_E   array<vec4u>  [E] (F4, gate, up, down offsets in vec4)  read
//   2 row_token_J array<u32>    [J]            read
//   3 m_TD        array<vec4f>  [T, D4]        read
//   4 w           array<vec4f>  experts' weights: gate, up [F, D], down [D, F]  read
//   5 hidden_JF   array<f32>    [J, Fmax4·4]   readWrite
// constants: none
// dispatch: 8 invocations per unit of a row, or one (common/lanes), for the most rows there can be, in
//   workgroups of 64
// writes: overwrites the live rows of each expert up to its width
struct Dims { E: u32, D4: u32, Fmax4: u32 }
@group(0) @binding(0) var<storage, read> table: array<u32>;
@group(0) @binding(1) var<storage, read> experts_E: array<vec4u>;
@group(0) @binding(2) var<storage, read> row_token_J: array<u32>;
@group(0) @binding(3) var<storage, read> m_TD: array<vec4f>;
@group(0) @binding(4) var<storage, read> w: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> hidden_JF: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let first = linear_workgroup(workgroup) * OUTPUTS;
  let units = 4u * dims.Fmax4;
  let rows = table[ROW_START + dims.E];
  if (first / units >= rows) { return; }
  let index = first + local / LANES;
  let j = index / units;
  let f = index % units;
  let expert = experts_E[find_expert(ROW_START, dims.E, min(j, rows - 1u))];
  let is_live = j < rows && f < 4u * expert.x;
  var sums = vec4f();
  if (is_live) {
    let m = row_token_J[j] * dims.D4;
    for (var d = local % LANES; d < dims.D4; d += LANES) {
      let x = m_TD[m + d];
      sums.x += dot(w[expert.y + f * dims.D4 + d], x);
      sums.y += dot(w[expert.z + f * dims.D4 + d], x);
    }
  }
  let both = lanes_sum(local, sums);
  if (!is_live || local % LANES != 0u) { return; }
  hidden_JF[j * units + f] = both.x * sigmoid(both.x) * both.y;
}
