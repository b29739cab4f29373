// Prelude of the backward bodies beside quad: the outputs' gradients, and where theirs go.
// Expects dattn_TX and dqkv_TX.
fn dout(i: u32, c: u32) -> vec4f { return live(dattn_TX[query_row(i) * CP4 + channel(c)], c); }
fn douts_block(i: u32, c: u32) -> mat4x4f {
  return mat4x4f(dout(i, c), dout(i + 1u, c), dout(i + 2u, c), dout(i + 3u, c));
}
fn douts(i: u32) -> Channels {
  var out: Channels;
  out[0] = douts_block(i, lane);
  if (BLOCKS > 1u) { out[BLOCKS - 1u] = douts_block(i, lane + 4u); }
  return out;
}

fn store_block(row: u32, c: u32, to_head: u32, block: mat4x4f, scale: f32) {
  for (var n = 0u; n < 4u; n++) {
    if (row + n < dims.S && c < CP4) {
      dqkv_TX[qkv_at(sequence + row + n, to_head) + c] = row_of(block, n) * scale;
    }
  }
}
fn store(row: u32, to_head: u32, x: Channels, scale: f32) {
  store_block(row, lane, to_head, x[0], scale);
  if (BLOCKS > 1u) { store_block(row, lane + 4u, to_head, x[BLOCKS - 1u], scale); }
}
