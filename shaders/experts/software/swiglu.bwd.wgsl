// Gradients of hidden = silu(gate) ⊙ up, rows in expert order: what expertDown.bwdX does after its product,
// for software adapters, whose one product serves all.
// dhidden = coef·product;  dup = dhidden·silu(gate);
// dgate = dhidden·up·σ(gate)·(1 + gate·(1 − σ(gate)))                   docs/model.md, "5. Experts"
// bindings (group 0)
//   0 table      array<u32>    routing table  read
//   1 experts_E  array<vec4u>  [E] (F4, gate, up, down offsets in vec4)  read
//   2 row_coef_J array<f32>    [J] sign · routing weight  read
//   3 gate_up_JF array<vec4f>  [J, 2, Fmax4]  readWrite  in: gate and up; out: their gradients
//   4 hidden_JF  array<vec4f>  [J, Fmax4]     readWrite  in: product; out: coef · hidden, for the weights
// constants: none
// dispatch: one invocation per four vec4s of a row, for the most rows there can be, in workgroups of 64
// writes: overwrites the live rows of each expert up to its width
struct Dims { E: u32, Fmax4: u32 }
@group(0) @binding(0) var<storage, read> table: array<u32>;
@group(0) @binding(1) var<storage, read> experts_E: array<vec4u>;
@group(0) @binding(2) var<storage, read> row_coef_J: array<f32>;
@group(0) @binding(3) var<storage, read_write> gate_up_JF: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> hidden_JF: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let index = linear_workgroup(workgroup) * 64u + local;
  let quarters = (dims.Fmax4 + 3u) / 4u;
  let j = index / quarters;
  if (j >= table[ROW_START + dims.E]) { return; }
  let F4 = experts_E[find_expert(ROW_START, dims.E, j)].x;
  let coef = row_coef_J[j];
  let first = index % quarters * 4u;
  for (var f = first; f < min(first + 4u, F4); f++) {
    let at = j * dims.Fmax4 + f;
    let at_gate = 2u * j * dims.Fmax4 + f;
    let at_up = at_gate + dims.Fmax4;
    let gate = gate_up_JF[at_gate];
    let up = gate_up_JF[at_up];
    let s = sigmoid4(gate);
    let dhidden = coef * hidden_JF[at];
    gate_up_JF[at_gate] = dhidden * up * s * (1.0 + gate * (1.0 - s));
    gate_up_JF[at_up] = dhidden * gate * s;
    hidden_JF[at] = coef * gate * s * up;
  }
}
