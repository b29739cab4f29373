// Prelude of the tiles: every invocation loads its rows of A itself.
alias PlacesA = vec4u;

fn places_a(local: u32, i: u32, row: u32) -> PlacesA {
  return vec4u(place_a(i, row, 0u), place_a(i, row, 1u), place_a(i, row, 2u), place_a(i, row, 3u));
}

fn block_a(local: u32, places: PlacesA, k: u32) -> mat4x4f {
  return arrange_a(mat4x4f(
    load_a(places.x, k, 0u), load_a(places.y, k, 1u), load_a(places.z, k, 2u), load_a(places.w, k, 3u)));
}
