// Where a slot's choice ends: the key of the last token that it takes, and the last token that it takes
// among those that have this key, found bit by bit: the body of expertChoice.threshold for software
// adapters, without workgroup memory.                   docs/balancing.md, "Expert choice"; Zhou 2022
// bindings (group 0)
//   0 key_RT        array<u32>    [R, T]  read       expertChoice.keys
//   1 threshold_R   array<vec2u>  [R]     readWrite  key, token
// constants: none
// dispatch: one row (common/row) per slot
// writes: overwrites
struct Dims { T: u32, R: u32, most: u32 }
@group(0) @binding(0) var<storage, read> key_RT: array<u32>;
@group(0) @binding(1) var<storage, read_write> threshold_R: array<vec2u>;
@group(1) @binding(0) var<uniform> dims: Dims;

// Tokens of the slot with a key of at least `least`.
fn at_least(r: u32, lane: u32, least: u32) -> u32 {
  var count = 0.0;
  for (var t = lane; t < dims.T; t += LANES) {
    count += select(0.0, 1.0, key_RT[r * dims.T + t] >= least);
  }
  return u32(reduce_sum(lane, count));
}

// Tokens before `end` with this key.
fn equal_before(r: u32, lane: u32, key: u32, end: u32) -> u32 {
  var count = 0.0;
  for (var t = lane; t < min(end, dims.T); t += LANES) {
    count += select(0.0, 1.0, key_RT[r * dims.T + t] == key);
  }
  return u32(reduce_sum(lane, count));
}

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let r = row_index(workgroup, local);
  let lane = lane_index(local);
  if (r >= dims.R) { return; }
  var key = 0u;
  for (var bit = 0x80000000u; bit > 0u; bit >>= 1u) {
    if (at_least(r, lane, key | bit) >= dims.most) { key |= bit; }
  }
  let above = at_least(r, lane, key + 1u);
  let wanted = dims.most - select(above, 0u, key == 0xffffffffu);
  var last = 0u;
  for (var bit = 0x80000000u >> countLeadingZeros(dims.T); bit > 0u; bit >>= 1u) {
    if (equal_before(r, lane, key, last | bit) < wanted) { last |= bit; }
  }
  if (lane == 0u) { threshold_R[r] = vec2u(key, last); }
}
