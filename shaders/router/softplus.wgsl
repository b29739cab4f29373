// log(1 + exp(x)) without overflow; for very negative x, where 1 + exp(x) rounds to 1, it is exp(x).
fn softplus(x: f32) -> f32 {
  if (x < -12.0) { return exp(max(x, -80.0)); }
  return max(x, 0.0) + log(1.0 + exp(-abs(x)));
}
