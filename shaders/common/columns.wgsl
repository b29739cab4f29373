// Prelude of sums down long columns: the invocations of a workgroup take its rows in turn. `column_sum` adds up
// what they have, in a fixed order; the first gets the sum. So many that loading, not waiting, takes the time.
const COLUMN_ROWS: u32 = 256u;
var<workgroup> column_scratch: array<vec4f, 256>;

fn column_sum(local: u32, value: vec4f) -> vec4f {
  column_scratch[local] = value;
  workgroupBarrier();
  for (var width = COLUMN_ROWS / 2u; width > 0u; width >>= 1u) {
    if (local < width) { column_scratch[local] += column_scratch[local + width]; }
    workgroupBarrier();
  }
  return column_scratch[0];
}
