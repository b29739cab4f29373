// Counts the assignments of every slot in chunks of 256 tokens of one rank: the first pass of a
// stable counting sort without atomics.                              docs/model.md, "4. Capacity"
// bindings (group 0)
//   0 selected_WT array<i32>  [W, T]          read
//   1 count_NR    array<u32>  [W·chunks, R]   readWrite
// constants: none
// dispatch: one workgroup of 64 per chunk, ranks slowest; an invocation counts slots 64 apart
// writes: overwrites
struct Dims { T: u32, R: u32, W: u32, chunks: u32 }
@group(0) @binding(0) var<storage, read> selected_WT: array<i32>;
@group(0) @binding(1) var<storage, read_write> count_NR: array<u32>;
@group(1) @binding(0) var<uniform> dims: Dims;

var<workgroup> chosen: array<i32, 256>;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let chunk = linear_workgroup(workgroup);
  if (chunk >= dims.W * dims.chunks) { return; }
  let first = chunk % dims.chunks * 256u;
  let base = chunk / dims.chunks * dims.T;
  for (var n = local; n < 256u; n += 64u) {
    let t = first + n;
    chosen[n] = select(-1, selected_WT[base + min(t, dims.T - 1u)], t < dims.T);
  }
  workgroupBarrier();
  for (var r = local; r < dims.R; r += 64u) {
    var count = 0u;
    for (var n = 0u; n < 256u; n++) { count += u32(chosen[n] == i32(r)); }
    count_NR[chunk * dims.R + r] = count;
  }
}
