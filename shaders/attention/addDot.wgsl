// sum + a·b by four multiply-adds in the order of add_product: δ and the terms that it is taken from
// are added up alike by every body, so that they cancel exactly where a position sees only itself.
fn add_dot(sum: f32, a: vec4f, b: vec4f) -> f32 {
  return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}
