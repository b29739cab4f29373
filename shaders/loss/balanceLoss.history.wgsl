// Puts the step's counts into the layer's history, in place of the oldest where it is full; nothing
// changes once the run has halted.                                     docs/balancing.md, "Losses"
// bindings (group 0)
//   0 load_BR2  array<f32>  [1, R, 2]      read       balanceLoss.load of the step
//   1 state     array<u32>  [3]            read       of clip.finish: 0 halted
//   2 history   array<u32>  [R, 3 + rows]  readWrite
// constants: none
// dispatch: one invocation per slot, workgroups of 64
// writes: updates in place
struct Dims { R: u32, stride: u32 }
@group(0) @binding(0) var<storage, read> load_BR2: array<f32>;
@group(0) @binding(1) var<storage, read> state: array<u32>;
@group(0) @binding(2) var<storage, read_write> history: array<u32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let r = linear_workgroup(workgroup) * 64u + local;
  if (r >= dims.R || state[0] != 0u) { return; }
  let slot = r * dims.stride;
  let rows = dims.stride - HISTORY_COUNTS;
  let filled = history[slot + HISTORY_FILLED];
  let next = history[slot + HISTORY_NEXT];
  let at = slot + HISTORY_COUNTS + next;
  let oldest = select(0u, history[at], filled == rows);
  let count = u32(load_BR2[2u * r]);
  history[at] = count;
  history[slot + HISTORY_TOTAL] += count - oldest;
  history[slot + HISTORY_NEXT] = (next + 1u) % rows;
  history[slot + HISTORY_FILLED] = min(filled + 1u, rows);
}
