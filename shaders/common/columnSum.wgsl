// Sum over rows: out[c] = Σ_t x[t, c], in a fixed order.
// bindings (group 0)
//   0 x_TC  array<vec4f>  [T, C4]  read
//   1 out_C array<vec4f>  [C4]     readWrite
// constants: none
// dispatch: one workgroup of 256 per four columns, or of 64 (common/columns)
// writes: overwrites
struct Dims { T: u32, C4: u32 }
@group(0) @binding(0) var<storage, read> x_TC: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> out_C: array<vec4f>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(COLUMN_ROWS)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let c = linear_workgroup(workgroup);
  if (c >= dims.C4) { return; }
  var sum = vec4f();
  for (var t = local; t < dims.T; t += COLUMN_ROWS) { sum += x_TC[t * dims.C4 + c]; }
  let total = column_sum(local, sum);
  if (local == 0u) { out_C[c] = total; }
}
