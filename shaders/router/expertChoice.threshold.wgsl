// Where a slot's choice ends: the key of the last token that it takes, and the last token that it takes
// among those that have this key. Both are found digit by digit, of four bits.
//                                                       docs/balancing.md, "Expert choice"; Zhou 2022
// bindings (group 0)
//   0 key_RT        array<u32>    [R, T]  read       expertChoice.keys
//   1 threshold_R   array<vec2u>  [R]     readWrite  key, token
// constants: none
// dispatch: one workgroup of 256 per slot
// writes: overwrites. Integer atomics count: order cannot show.
struct Dims { T: u32, R: u32, most: u32 }
@group(0) @binding(0) var<storage, read> key_RT: array<u32>;
@group(0) @binding(1) var<storage, read_write> threshold_R: array<vec2u>;
@group(1) @binding(0) var<uniform> dims: Dims;

// Numbers by digit, in 16 parts: neighbours, whose digits are often the same, count apart.
var<workgroup> counts: array<atomic<u32>, 256>;
var<workgroup> totals: array<u32, 16>;
// The digits found, and the place of what is looked for among the numbers that have them.
var<workgroup> found: u32;
var<workgroup> place: u32;

fn count(local: u32, number: u32, shift: u32) {
  // Shifts by 32 are none.
  let is_open = shift == 28u || (number >> (shift + 4u)) == found;
  if (is_open) { atomicAdd(&counts[16u * (local % 16u) + ((number >> shift) & 15u)], 1u); }
}

fn next_digit(local: u32) {
  workgroupBarrier();
  if (local < 16u) {
    var total = 0u;
    for (var part = 0u; part < 16u; part++) { total += atomicLoad(&counts[16u * part + local]); }
    totals[local] = total;
  }
  workgroupBarrier();
  if (local == 0u) {
    var digit = 0u;
    while (digit < 15u && totals[digit] <= place) {
      place -= totals[digit];
      digit++;
    }
    found = (found << 4u) | digit;
  }
  workgroupBarrier();
}

fn begin_digit(local: u32) {
  atomicStore(&counts[local], 0u);
  workgroupBarrier();
}

@compute @workgroup_size(256)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let r = linear_workgroup(workgroup);
  if (r >= dims.R) { return; }
  if (local == 0u) {
    found = 0u;
    place = dims.most - 1u;
  }
  // Of keys the largest are taken: of their complements the smallest.
  for (var round = 0u; round < 8u; round++) {
    begin_digit(local);
    for (var t = local; t < dims.T; t += 256u) { count(local, ~key_RT[r * dims.T + t], 28u - 4u * round); }
    next_digit(local);
  }
  let complement = found;
  workgroupBarrier();
  if (local == 0u) { found = 0u; }
  for (var digits = (35u - countLeadingZeros(dims.T)) / 4u; digits > 0u; digits--) {
    begin_digit(local);
    for (var t = local; t < dims.T; t += 256u) {
      if (~key_RT[r * dims.T + t] == complement) { count(local, t, 4u * (digits - 1u)); }
    }
    next_digit(local);
  }
  if (local == 0u) { threshold_R[r] = vec2u(~complement, found); }
}
