// Prelude of tile.workgroup: 4×4 blocks of the operands from vectors that the including file loads.
//   const A_BY_TERM, B_BY_TERM: what a vector is (below)
//   place_a(i, row, n) -> u32     what load_a needs to know of rows row … row + 3 of A, for vector n of
//                                 a block and the tile's i-th block of rows; it does not depend on k
//   load_a(place, k, n) -> vec4f  vector n of block k there: row `row + n` over the block's four terms,
//                                 or, where A_BY_TERM, term n of the block over the four rows
//   place_b(j, col, n) -> u32     the same for column block col of B and the j-th block of columns
//   load_b(place, k, n) -> vec4f  column n of the column block over four terms, or, where B_BY_TERM,
//                                 term n of block k over the block's four columns
// Rows and columns past the matrices are asked for too, so that places must be clamped: these are places
// in a row-major matrix of `width` vec4s a row, of which those past the end are the last.
fn row_place(row: u32, rows: u32, width: u32) -> u32 { return min(row, rows - 1u) * width; }
// Of row n of the four rows that are columns of the product, and of term n over four columns.
fn column_place(col: u32, n: u32, cols: u32, width: u32) -> u32 {
  return (4u * min(col, cols - 1u) + n) * width;
}
fn term_place(col: u32, n: u32, cols: u32, width: u32) -> u32 { return n * width + min(col, cols - 1u); }

// Column n = row `row + n` of A over the four terms of block k, for the tile's i-th block of rows.
fn block_a(i: u32, row: u32, k: u32) -> mat4x4f {
  let block = mat4x4f(
    load_a(place_a(i, row, 0u), k, 0u), load_a(place_a(i, row, 1u), k, 1u),
    load_a(place_a(i, row, 2u), k, 2u), load_a(place_a(i, row, 3u), k, 3u));
  if (A_BY_TERM) { return transpose(block); }
  return block;
}

// Column n = term n of block k over the four columns of the tile's j-th block of columns, col.
fn block_b(j: u32, col: u32, k: u32) -> mat4x4f {
  let block = mat4x4f(
    load_b(place_b(j, col, 0u), k, 0u), load_b(place_b(j, col, 1u), k, 1u),
    load_b(place_b(j, col, 2u), k, 2u), load_b(place_b(j, col, 3u), k, 3u));
  if (B_BY_TERM) { return block; }
  return transpose(block);
}
