// Prelude of kernels with few terms per output, or few outputs: 8 neighbouring invocations, the lanes, share
// an output of which each has every eighth term. `lanes_sum` is called once, by all; every lane gets the sum.
const LANES: u32 = 8u;
const OUTPUTS: u32 = 64u / LANES;
var<workgroup> lane_scratch: array<vec4f, 64>;

fn lanes_sum(local: u32, value: vec4f) -> vec4f {
  lane_scratch[local] = value;
  workgroupBarrier();
  let first = local / LANES * LANES;
  var total = vec4f();
  for (var i = 0u; i < LANES; i++) { total += lane_scratch[first + i]; }
  return total;
}
