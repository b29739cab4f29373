// Scores s of the logits, log s, and its slope.          docs/balancing.md, "Step 1½: scores"; DeepSeek-V3 15
const SCORE_SOFTMAX: u32 = 0u;
const SCORE_SIGMOID: u32 = 1u;
const SCORE_SQRT_SOFTPLUS: u32 = 2u;

// Below this softplus(z) is exp(z) to the last bit.
const TINY_LOGIT: f32 = -15.0;

// log(1 + e) for e from 0 to 1, small ones to the last bits as well.
fn log_one_plus(e: f32) -> f32 {
  if (e < 0.01) { return e * (1.0 - e * (0.5 - e * (1.0 / 3.0 - e * 0.25))); }
  return log(1.0 + e);
}

fn exact_softplus(x: f32) -> f32 {
  return max(x, 0.0) + log_one_plus(exp(-min(abs(x), 80.0)));
}

fn score_of(score: u32, z: f32) -> f32 {
  if (score == SCORE_SIGMOID) {
    let e = exp(-min(abs(z), 80.0));
    return select(e, 1.0, z >= 0.0) / (1.0 + e);
  }
  if (z < TINY_LOGIT) { return exp(0.5 * max(z, -160.0)); }
  return sqrt(exact_softplus(z));
}

fn log_score(score: u32, z: f32) -> f32 {
  if (score == SCORE_SIGMOID) { return -exact_softplus(-z); }
  if (z < TINY_LOGIT) { return 0.5 * z; }
  return 0.5 * log(exact_softplus(z));
}

fn log_score_slope(score: u32, z: f32) -> f32 {
  if (score == SCORE_SOFTMAX) { return 1.0; }
  if (score == SCORE_SIGMOID) { return score_of(SCORE_SIGMOID, -z); }
  if (z < TINY_LOGIT) { return 0.5; }
  return score_of(SCORE_SIGMOID, z) / (2.0 * exact_softplus(z));
}
