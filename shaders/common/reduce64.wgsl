// Sum over the 64 invocations of a workgroup, in a fixed order; every invocation gets it.
var<workgroup> reduce_scratch: array<f32, 64>;

fn reduce_sum(local: u32, value: f32) -> f32 {
  reduce_scratch[local] = value;
  workgroupBarrier();
  for (var width = 32u; width > 0u; width >>= 1u) {
    if (local < width) { reduce_scratch[local] += reduce_scratch[local + width]; }
    workgroupBarrier();
  }
  let total = reduce_scratch[0];
  workgroupBarrier();
  return total;
}
