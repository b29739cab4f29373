// Prelude of headPrepare: element c of the raw head that starts at `source`, turned by its position.
// Pairs (c, c + C/2) turn by position·base^(−2c/C); dims.rotate = 0 leaves them as they are.
// Expects qkv_TX, cos_SP, sin_SP (P = C/2 pairs) and dims with C and rotate.
fn rotated(source: u32, position: u32, c: u32) -> f32 {
  let x = qkv_TX[source + c];
  if (dims.rotate == 0u) { return x; }
  let half = dims.C / 2u;
  let pair = select(c - half, c, c < half);
  let angle = position * half + pair;
  let cosine = cos_SP[angle];
  let sine = sin_SP[angle];
  if (c < half) { return x * cosine - qkv_TX[source + c + half] * sine; }
  return x * cosine + qkv_TX[source + c - half] * sine;
}
