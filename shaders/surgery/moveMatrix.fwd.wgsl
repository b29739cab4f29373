// Rows and columns of a matrix of parameters or moments, moved to where they belong after a surgery.
// target[r, c] = source[rows[r], cols[c]] where both are somewhere          docs/model.md, "Surgery"
// bindings (group 0)
//   0 source_M array<u32>  [M]  read       words, so that no float store touches the bits
//   1 places_P array<u32>  [P]  read       lists of rows and columns, NOWHERE for fresh ones
//   2 target_N array<u32>  [N]  readWrite
// constants: none
// dispatch: one invocation per element of the target, in workgroups of 64
// writes: overwrites the elements that come from somewhere; everything else stays
struct Dims {
  R: u32,
  C: u32,
  source: u32,
  source_row: u32,
  target_start: u32,
  target_row: u32,
  rows: u32,
  cols: u32,
}
@group(0) @binding(0) var<storage, read> source_M: array<u32>;
@group(0) @binding(1) var<storage, read> places_P: array<u32>;
@group(0) @binding(2) var<storage, read_write> target_N: array<u32>;
@group(1) @binding(0) var<uniform> dims: Dims;

const NOWHERE: u32 = 0xffffffffu;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let i = linear_workgroup(workgroup) * 64u + local;
  if (i >= dims.R * dims.C) { return; }
  let r = i / dims.C;
  let c = i % dims.C;
  let row = places_P[dims.rows + r];
  let col = places_P[dims.cols + c];
  if (row == NOWHERE || col == NOWHERE) { return; }
  let word = source_M[dims.source + row * dims.source_row + col];
  target_N[dims.target_start + r * dims.target_row + c] = word;
}
