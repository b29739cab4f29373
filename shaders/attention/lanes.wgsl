// Prelude of attention: LANES neighbouring invocations share a row, each with every LANES-th of its
// terms, so that short batches keep a GPU busy too. constants: LANES (1, 2, 4 or 8)
var<workgroup> lane_parts: array<vec4f, 64>;

const ROWS: u32 = 64u / LANES;

// Over the lanes of a row, in their order; each gets the result. All invocations must come here.
fn sum_of_lanes(local: u32, part: vec4f) -> vec4f {
  if (LANES == 1u) { return part; }
  lane_parts[local] = part;
  workgroupBarrier();
  let first = local / LANES * LANES;
  var total = lane_parts[first];
  for (var n = 1u; n < LANES; n++) { total += lane_parts[first + n]; }
  workgroupBarrier();
  return total;
}

fn highest_of_lanes(local: u32, part: f32) -> f32 {
  if (LANES == 1u) { return part; }
  lane_parts[local].x = part;
  workgroupBarrier();
  let first = local / LANES * LANES;
  var highest = part;
  for (var n = 0u; n < LANES; n++) { highest = max(highest, lane_parts[first + n].x); }
  workgroupBarrier();
  return highest;
}
