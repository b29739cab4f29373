// AdamW over all parameters at once, in PyTorch's order; nothing changes once the run has halted.
// g = scale·grad; m = β₁·m + (1 − β₁)·g; v = β₂·v + (1 − β₂)·g²; p −= lr·wd·p where the block decays;
// p −= lr·m̂/(sqrt(v̂) + eps), m̂ = m/(1 − β₁ˢ), v̂ = v/(1 − β₂ˢ)       docs/model.md, "Optimiser"
// bindings (group 0)
//   0 p_N     array<vec4f>  [N4]           readWrite  parameters
//   1 grad_N  array<vec4f>  [N4]           read       before clipping
//   2 m_N     array<vec4f>  [N4]           readWrite  first moments
//   3 v_N     array<vec4f>  [N4]           readWrite  second moments
//   4 state   array<u32>    [3]            read       of clip.finish: 0 halted, 1 bits of scale
//   5 decay_B array<u32>    [blocks / 32]  read       bit b: block b of 64 floats decays
// constants: none
// dispatch: one workgroup of 64 per 1024 floats; an invocation has four floats, four times
// writes: updates in place; padding stays 0
struct Dims { N4: u32 }
@group(0) @binding(0) var<storage, read_write> p_N: array<vec4f>;
@group(0) @binding(1) var<storage, read> grad_N: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> m_N: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> v_N: array<vec4f>;
@group(0) @binding(4) var<storage, read> state: array<u32>;
@group(0) @binding(5) var<storage, read> decay_B: array<u32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  if (state[0] != 0u) { return; }
  let scale = bitcast<f32>(state[1]);
  let learning_rate = step_params.learning_rate;
  let first = linear_workgroup(workgroup) * 256u + local;
  for (var i = first; i < min(first + 256u, dims.N4); i += 64u) {
    let g = grad_N[i] * scale;
    let old_m = m_N[i];
    let old_v = v_N[i];
    // Sums of parts of one sign as far as can be: a small g² must survive beside a v that is given up.
    let m = step_params.keep1 * old_m + (step_params.keep1_rest * old_m + step_params.gain1 * g);
    let v = step_params.keep2 * old_v + (step_params.keep2_rest * old_v + step_params.gain2 * g * g);
    var p = p_N[i];
    let block = i / 16u;
    if (((decay_B[block / 32u] >> (block % 32u)) & 1u) == 1u) {
      p -= learning_rate * step_params.weight_decay * p;
    }
    let denominator = sqrt(v / step_params.correction2) + step_params.epsilon;
    p_N[i] = p - learning_rate * (m / step_params.correction1) / denominator;
    m_N[i] = m;
    v_N[i] = v;
  }
}
