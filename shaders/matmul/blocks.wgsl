// Prelude of the tiles: 4×4 blocks of the operands from vectors that the including file loads.
//   const A_BY_TERM, B_BY_TERM: what a vector is (below)
//   place_a(i, row, n) -> u32     what load_a needs to know of rows row … row + 3 of A, for vector n of
//                                 a block and the tile's i-th block of rows; it does not depend on k
//   load_a(place, k, n) -> vec4f  vector n of block k there: row `row + n` over the block's four terms,
//                                 or, where A_BY_TERM, term n of the block over the four rows
//   place_b(j, col, n) -> u32     the same for column block col of B and the j-th block of columns
//   load_b(place, k, n) -> vec4f  column n of the column block over four terms, or, where B_BY_TERM,
//                                 term n of block k over the block's four columns
// Rows and columns past the matrices are asked for too, so that places must be clamped.

// Column n = row `row + n` of A over the four terms of block k.
fn arrange_a(block: mat4x4f) -> mat4x4f {
  if (A_BY_TERM) { return transpose(block); }
  return block;
}

fn places_b(j: u32, col: u32) -> vec4u {
  return vec4u(place_b(j, col, 0u), place_b(j, col, 1u), place_b(j, col, 2u), place_b(j, col, 3u));
}

// Column n = term n of block k over the four columns of the block, so that block_b · block_a has row
// n of the product in column n.
fn block_b(places: vec4u, k: u32) -> mat4x4f {
  let block = mat4x4f(
    load_b(places.x, k, 0u), load_b(places.y, k, 1u), load_b(places.z, k, 2u), load_b(places.w, k, 3u));
  if (B_BY_TERM) { return block; }
  return transpose(block);
}

// Row n of a finished block. An index that varies would make compilers for CPUs put tiles into memory.
fn row_of(block: mat4x4f, n: u32) -> vec4f {
  return select(select(block[0], block[1], n == 1u), select(block[2], block[3], n == 3u), n >= 2u);
}
