// Prelude in place of common/columns for the sums of columnSum: few enough to be added up in their order.
const COLUMN_ROWS: u32 = 64u;
var<workgroup> column_scratch: array<vec4f, 64>;

fn column_sum(local: u32, value: vec4f) -> vec4f {
  column_scratch[local] = value;
  workgroupBarrier();
  var total = vec4f();
  if (local == 0u) {
    for (var i = 0u; i < COLUMN_ROWS; i++) { total += column_scratch[i]; }
  }
  return total;
}
