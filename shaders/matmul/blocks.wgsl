// Prelude of the tiles: 4×4 blocks of the operands from vectors that the including file loads.
//   load_a(i, row, k, n) -> vec4f   vector n of block k of A at rows row … row + 3, for the tile's i-th
//                                   block of rows: row `row + n` over the block's four terms, or, where
//                                   A_BY_TERM, term n of the block over the four rows
//   load_b(j, k, col, n) -> vec4f   vector n of block k of B at column block col, for the tile's j-th
//                                   block of columns: column n of the block over its four terms, or,
//                                   where B_BY_TERM, term n over the block's four columns
// Rows and columns past row_end and col_end are loaded too, so both must clamp their places.

// Column n = row `row + n` of A over the four terms of block k.
fn arrange_a(block: mat4x4f) -> mat4x4f {
  if (A_BY_TERM) { return transpose(block); }
  return block;
}

// Column n = term n of block k over the four columns of block col: block_b · block_a has row n of the
// product in column n.
fn block_b(j: u32, k: u32, col: u32) -> mat4x4f {
  let block = mat4x4f(
    load_b(j, k, col, 0u), load_b(j, k, col, 1u), load_b(j, k, col, 2u), load_b(j, k, col, 3u));
  if (B_BY_TERM) { return block; }
  return transpose(block);
}
