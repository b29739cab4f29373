// The place of a workgroup in a grid folded over two dimensions. Alone in its structure, so that it is
// uniform for compilers, which take a structure as a whole.
struct Workgroup {
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) grid: vec3u,
}

fn linear_workgroup(workgroup: Workgroup) -> u32 {
  return workgroup.id.x + workgroup.id.y * workgroup.grid.x;
}
