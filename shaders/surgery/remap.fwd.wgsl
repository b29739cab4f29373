// Moves single floats of parameters or moments by index: to or from a dense array.
// target[map[j].x] = source[map[j].y]                                       docs/model.md, "Surgery"
// bindings (group 0)
//   0 source_M array<u32>    [M]  read       words, so that no float store touches the bits
//   1 map_J2   array<vec2u>  [J]  read       target and source index; no target twice
//   2 target_N array<u32>    [N]  readWrite
// constants: none
// dispatch: one invocation per moved float, in workgroups of 64
// writes: overwrites the targets; everything else stays
struct Dims { J: u32 }
@group(0) @binding(0) var<storage, read> source_M: array<u32>;
@group(0) @binding(1) var<storage, read> map_J2: array<vec2u>;
@group(0) @binding(2) var<storage, read_write> target_N: array<u32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let j = linear_workgroup(workgroup) * 64u + local;
  if (j >= dims.J) { return; }
  let place = map_J2[j];
  target_N[place.x] = source_M[place.y];
}
