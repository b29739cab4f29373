// Linear index of a workgroup in a grid folded over two dimensions.
fn linear_workgroup(workgroup: vec3u, grid: vec3u) -> u32 {
  return workgroup.x + workgroup.y * grid.x;
}
