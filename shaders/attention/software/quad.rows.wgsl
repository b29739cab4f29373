// Prelude beside quad: what the bodies load. Expects q_TX, k_TX, qkv_TX and dims as those declare them.
// First token of the sequence; the query head, and the key/value head that it shares.
var<private> sequence: u32;
var<private> head: u32;
var<private> group: u32;

// Rows past the sequence are its last.
fn query_row(i: u32) -> u32 { return (sequence + min(i, dims.S - 1u)) * dims.H + head; }

fn query(i: u32, c: u32) -> vec4f { return live(q_TX[query_row(i) * CP4 + channel(c)], c); }
fn queries_block(i: u32, c: u32) -> mat4x4f {
  return mat4x4f(query(i, c), query(i + 1u, c), query(i + 2u, c), query(i + 3u, c));
}
fn queries(i: u32) -> Channels {
  var out: Channels;
  out[0] = queries_block(i, lane);
  if (BLOCKS > 1u) { out[BLOCKS - 1u] = queries_block(i, lane + 4u); }
  return out;
}

fn key(j: u32, c: u32) -> vec4f {
  return live(k_TX[((sequence + min(j, dims.S - 1u)) * dims.G + group) * CP4 + channel(c)], c);
}
fn keys_block(j: u32, c: u32) -> mat4x4f {
  return mat4x4f(key(j, c), key(j + 1u, c), key(j + 2u, c), key(j + 3u, c));
}
fn keys(j: u32) -> Channels {
  var out: Channels;
  out[0] = keys_block(j, lane);
  if (BLOCKS > 1u) { out[BLOCKS - 1u] = keys_block(j, lane + 4u); }
  return out;
}

fn value(j: u32, c: u32) -> vec4f {
  let row = (sequence + min(j, dims.S - 1u)) * (dims.H + 2u * dims.G) + dims.H + dims.G + group;
  return live(qkv_TX[row * CP4 + channel(c)], c);
}
fn values_block(j: u32, c: u32) -> mat4x4f {
  return mat4x4f(value(j, c), value(j + 1u, c), value(j + 2u, c), value(j + 3u, c));
}
fn values(j: u32) -> Channels {
  var out: Channels;
  out[0] = values_block(j, lane);
  if (BLOCKS > 1u) { out[BLOCKS - 1u] = values_block(j, lane + 4u); }
  return out;
}
