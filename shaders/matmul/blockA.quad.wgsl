// Prelude of tile.register where the device has subgroups: four neighbours, whose rows of A are the
// same, load one vector of it each and show it to the others.
fn block_a(local: u32, i: u32, row: u32, k: u32) -> mat4x4f {
  let mine = load_a(i, row, k, local % 4u);
  return arrange_a(mat4x4f(
    quadBroadcast(mine, 0u), quadBroadcast(mine, 1u), quadBroadcast(mine, 2u), quadBroadcast(mine, 3u)));
}
