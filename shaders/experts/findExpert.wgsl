// The expert whose tiles contain `tile`: the last e with table[start + e] <= tile (binary search
// over E exclusive offsets). The including file binds `table: array<u32>` for reading.
fn find_expert(start: u32, E: u32, tile: u32) -> u32 {
  var low = 0u;
  var high = E;
  while (high - low > 1u) {
    let middle = (low + high) / 2u;
    if (table[start + middle] <= tile) { low = middle; } else { high = middle; }
  }
  return low;
}
