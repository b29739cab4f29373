// Prelude of kernels that go along rows: a workgroup has one row, of which its 64 invocations, the lanes,
// take a term each in turn; reduce64 adds up what they have.
const LANES: u32 = 64u;

fn row_index(workgroup: Workgroup, local: u32) -> u32 { return linear_workgroup(workgroup); }
fn lane_index(local: u32) -> u32 { return local; }
