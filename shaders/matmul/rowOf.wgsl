// Row n of a finished block. An index that varies would make compilers for CPUs put tiles into memory.
fn row_of(block: mat4x4f, n: u32) -> vec4f {
  return select(select(block[0], block[1], n == 1u), select(block[2], block[3], n == 3u), n >= 2u);
}
