// Prelude of the bodies whose quads own queries (attention.fwd.quad, attention.bwdQ.quad): what they load.
// Expects q_TX, k_TX, qkv_TX and dims as those declare them.
var<private> lane: u32;
var<private> sequence: u32;
var<private> head: u32;

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
  let g = head * dims.G / dims.H;
  return live(k_TX[((sequence + min(j, dims.S - 1u)) * dims.G + g) * CP4 + channel(c)], c);
}

fn keys_block(i: u32, c: u32) -> mat4x4f {
  return mat4x4f(key(i, c), key(i + 1u, c), key(i + 2u, c), key(i + 3u, c));
}
fn keys(i: u32) -> Channels {
  var out: Channels;
  out[0] = keys_block(i, lane);
  if (BLOCKS > 1u) { out[BLOCKS - 1u] = keys_block(i, lane + 4u); }
  return out;
}

fn value(j: u32, c: u32) -> vec4f {
  let g = head * dims.G / dims.H;
  let heads = dims.H + 2u * dims.G;
  let row = (sequence + min(j, dims.S - 1u)) * heads + dims.H + dims.G + g;
  return live(qkv_TX[row * CP4 + channel(c)], c);
}

fn values_block(i: u32, c: u32) -> mat4x4f {
  return mat4x4f(value(i, c), value(i + 1u, c), value(i + 2u, c), value(i + 3u, c));
}
fn values(i: u32) -> Channels {
  var out: Channels;
  out[0] = values_block(i, lane);
  if (BLOCKS > 1u) { out[BLOCKS - 1u] = values_block(i, lane + 4u); }
  return out;
}
