// Sum over the 64 invocations of a workgroup, in their order; the first alone gets it.
var<workgroup> ordered_scratch: array<vec4f, 64>;

fn ordered_sum(local: u32, value: vec4f) -> vec4f {
  ordered_scratch[local] = value;
  workgroupBarrier();
  var total = vec4f();
  if (local == 0u) {
    for (var i = 0u; i < 64u; i++) { total += ordered_scratch[i]; }
  }
  return total;
}
