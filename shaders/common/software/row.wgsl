// Prelude of kernels that go along rows, in place of common/row and common/reduce64: an invocation has a
// row to itself, 64 of them a workgroup. Barriers cost adapters without a GPU more than the sums.
const LANES: u32 = 1u;

fn row_index(workgroup: Workgroup, local: u32) -> u32 { return linear_workgroup(workgroup) * 64u + local; }
fn lane_index(local: u32) -> u32 { return 0u; }
fn reduce_sum(lane: u32, value: f32) -> f32 { return value; }
