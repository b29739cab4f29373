// Prelude in place of common/columns: fewer invocations, since each waits for all at a barrier.
const COLUMN_ROWS: u32 = 64u;
var<workgroup> column_scratch: array<vec4f, 64>;

fn column_sum(local: u32, value: vec4f) -> vec4f {
  column_scratch[local] = value;
  workgroupBarrier();
  for (var width = COLUMN_ROWS / 2u; width > 0u; width >>= 1u) {
    if (local < width) { column_scratch[local] += column_scratch[local + width]; }
    workgroupBarrier();
  }
  return column_scratch[0];
}
