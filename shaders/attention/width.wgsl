// Vec4s per head, for loops. Above 8 it is dims.C4, the equal of CP4, which compilers do not unroll:
// unrolled, such loops took minutes to compile at CP4 = 32 on a software adapter.
fn head_width() -> u32 { return select(CP4, dims.C4, CP4 > 8u); }
