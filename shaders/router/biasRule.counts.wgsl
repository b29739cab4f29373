// Moves the selection bias of a layer by the counts of a step; nothing changes once the run has halted.
// sign:   δ_i = rate·sign(A − R·c_i), b += δ, or b += δ − mean(δ)       Wang 2024 (2408.15664); DeepSeek-V3
// budget: b_i += rate·(K_e/(K'·N') − c_i/(K'·T)) of computing slots     LongCat-Flash (2509.01322)
//                                                              docs/balancing.md, "Selection bias"
// bindings (group 0)
//   0 load_R8 array<f32>    [R, 8]  read       auxLosses.load of the step: 4 selecting tokens
//   1 slots_R array<vec4u>  [R]     read
//   2 state   array<u32>    [3]     read       of clip.finish: 0 halted
//   3 bias_R  array<f32>    [R]     readWrite
//   4 ring    array<f32>    telemetry  readWrite  b after the step
// constants: none
// dispatch: one workgroup of 64
// writes: updates in place
struct Dims {
  R: u32, is_budget: u32, centre: u32, record: u32, offset: u32,
  rate: f32, target_share: f32, count_share: f32,
}
@group(0) @binding(0) var<storage, read> load_R8: array<f32>;
@group(0) @binding(1) var<storage, read> slots_R: array<vec4u>;
@group(0) @binding(2) var<storage, read> state: array<u32>;
@group(0) @binding(3) var<storage, read_write> bias_R: array<f32>;
@group(0) @binding(4) var<storage, read_write> ring: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

fn count_of(r: u32) -> i32 { return i32(load_R8[8u * r + 4u]); }

fn moved(r: u32, assignments: i32, signs: i32) -> f32 {
  let count = count_of(r);
  if (dims.is_budget == 1u) {
    let step = dims.rate * (dims.target_share - f32(count) * dims.count_share);
    return bias_R[r] + select(0.0, step, slots_R[r].x <= NEGATED);
  }
  let delta = f32(sign(assignments - i32(dims.R) * count));
  let mean = select(0.0, f32(signs) / f32(dims.R), dims.centre == 1u);
  return bias_R[r] + dims.rate * (delta - mean);
}

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) local: u32) {
  var assignments = 0;
  for (var r = 0u; r < dims.R; r++) { assignments += count_of(r); }
  var signs = 0;
  for (var r = 0u; r < dims.R; r++) { signs += sign(assignments - i32(dims.R) * count_of(r)); }
  let record = step_params.ring_slot * dims.record + dims.offset;
  for (var r = local; r < dims.R; r += 64u) {
    if (state[0] == 0u) { bias_R[r] = moved(r, assignments, signs); }
    ring[record + r] = bias_R[r];
  }
}
