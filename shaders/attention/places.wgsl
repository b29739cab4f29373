// Prelude of attention: whose rows an invocation has, and where heads lie.
// Expects dims with S, H and G; constants: CP4
struct Place {
  // Sequence and head; the sequence is past the last where there is nothing to do.
  b: u32,
  head: u32,
  // The first row.
  first: u32,
}

// Place of group `index`: heads, then groups of `rows` rows.
fn place_of(index: u32, heads: u32, rows: u32) -> Place {
  let groups = (dims.S + rows - 1u) / rows;
  let head = index / groups;
  return Place(head / heads, head % heads, index % groups * rows);
}

// The same groups, the last of every head first: the later its rows, the more keys they see.
fn last_first(index: u32, rows: u32) -> u32 {
  let groups = (dims.S + rows - 1u) / rows;
  return index / groups * groups + groups - 1u - index % groups;
}

// Places of a head of token t in q (and all that is like it), in k, in q, k and v together, and of its v.
fn query_at(t: u32, h: u32) -> u32 { return (t * dims.H + h) * CP4; }
fn key_at(t: u32, g: u32) -> u32 { return (t * dims.G + g) * CP4; }
fn qkv_at(t: u32, head: u32) -> u32 { return (t * (dims.H + 2u * dims.G) + head) * CP4; }
fn value_at(t: u32, g: u32) -> u32 { return qkv_at(t, dims.H + dims.G + g); }
