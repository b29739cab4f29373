// Prelude of tile.register where the device has subgroups: four neighbours, whose rows of A are the
// same, load one vector of a block each and show it to the others.
alias PlacesA = u32;

fn places_a(local: u32, i: u32, row: u32) -> PlacesA { return place_a(i, row, local % 4u); }

fn block_a(local: u32, place: PlacesA, k: u32) -> mat4x4f {
  let mine = load_a(place, k, local % 4u);
  return arrange_a(mat4x4f(
    quadBroadcast(mine, 0u), quadBroadcast(mine, 1u), quadBroadcast(mine, 2u), quadBroadcast(mine, 3u)));
}
