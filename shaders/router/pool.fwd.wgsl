// The pool of every sequence: the n slots that its tokens prefer, ties to the lower slot.
// training: n = min + h mod (max − min + 1), h of (seed; step, layer, sequence, 1); evaluation: a size of
// its own, or all slots                                 docs/balancing.md, "Document pools"; EMO
// bindings (group 0)
//   0 pi_BR    array<f32>  [B, R]  read       pool.preferences
//   1 pool_BR  array<u32>  [B, R]  readWrite  1 for the slots of the pool, else 0
// constants: none
// dispatch: one invocation per sequence and slot, workgroups of 64
// writes: overwrites
struct Dims { B: u32, R: u32, layer: u32, least: u32, most: u32, evaluation: u32 }
@group(0) @binding(0) var<storage, read> pi_BR: array<f32>;
@group(0) @binding(1) var<storage, read_write> pool_BR: array<u32>;
@group(1) @binding(0) var<uniform> dims: Dims;

fn pool_size(b: u32) -> u32 {
  if (step_params.is_training == 0u) { return dims.evaluation; }
  var h = mix32(step_params.seed ^ 0x9e3779b9u);
  h = mix32(h ^ step_params.drop_step);
  h = mix32(h ^ dims.layer);
  h = mix32(h ^ b);
  h = mix32(h ^ 1u);
  return dims.least + h % (dims.most - dims.least + 1u);
}

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let i = linear_workgroup(workgroup) * 64u + local;
  if (i >= dims.B * dims.R) { return; }
  let b = i / dims.R;
  let r = i % dims.R;
  var rank = 0u;
  for (var j = 0u; j < dims.R; j++) {
    let other = pi_BR[b * dims.R + j];
    rank += u32(other > pi_BR[i] || (other == pi_BR[i] && j < r));
  }
  pool_BR[i] = u32(rank < pool_size(b));
}
