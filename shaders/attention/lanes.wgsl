// Prelude of attention: LANES neighbouring invocations share a row, each with every LANES-th of its terms,
// so that few rows keep a GPU busy too. Their parts meet in workgroup memory.
// constants: CP4, LANES (1, 2, 4, 8 or 16; 1 where CP4 > 16). Loops over lanes go to dims.lanes, the equal of
// LANES, which compilers do not unroll: a software adapter took minutes for what they made of it.
// The including file defines
//   const PARTS: u32   vec4s that an invocation shares
const GROUP: u32 = select(64u, 32u, CP4 > 8u && LANES > 1u);
const ROWS: u32 = GROUP / LANES;
var<workgroup> parts: array<vec4f, select(PARTS * GROUP, 1u, LANES == 1u)>;

// The n-th vec4 summed over the lanes of the row that begins with invocation `first`, in their order.
fn sum_of_lanes(n: u32, first: u32) -> vec4f {
  var total = parts[n * GROUP + first];
  for (var lane = 1u; lane < dims.lanes; lane++) { total += parts[n * GROUP + first + lane]; }
  return total;
}
