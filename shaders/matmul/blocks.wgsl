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

fn arrange_a(block: mat4x4f) -> mat4x4f {
  if (A_BY_TERM) { return transpose(block); }
  return block;
}

// What an invocation keeps of the places of four rows: all of them, or with quads that of its own.
fn places_a(local: u32, i: u32, row: u32) -> vec4u {
  if (HAS_QUADS) { return vec4u(place_a(i, row, local % 4u)); }
  return vec4u(place_a(i, row, 0u), place_a(i, row, 1u), place_a(i, row, 2u), place_a(i, row, 3u));
}

// Column n = row `row + n` of A over the four terms of block k. Four neighbours have the same rows;
// with quads each loads one vector and shows it to the others.
fn block_a(local: u32, places: vec4u, k: u32) -> mat4x4f {
  if (HAS_QUADS) { return arrange_a(of_quad(load_a(places.x, k, local % 4u))); }
  return arrange_a(mat4x4f(
    load_a(places.x, k, 0u), load_a(places.y, k, 1u), load_a(places.z, k, 2u), load_a(places.w, k, 3u)));
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
