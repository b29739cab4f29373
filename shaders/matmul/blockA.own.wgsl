// Prelude of tile.register: every invocation loads its rows of A itself.
fn block_a(local: u32, i: u32, row: u32, k: u32) -> mat4x4f {
  return arrange_a(mat4x4f(
    load_a(i, row, k, 0u), load_a(i, row, k, 1u), load_a(i, row, k, 2u), load_a(i, row, k, 3u)));
}
