// Prelude of attention's gradients, behind blocks: heads, and scores turned into weights and gradients.
// Expects the bindings q_TX, k_TX, qkv_TX, slopes_H and dattn_TX.
// First token of the sequence, query head and key/value head of the workgroup.
var<private> first_token: u32;
var<private> h: u32;
var<private> g: u32;

fn load(what: u32, position: u32, c: u32) -> vec4f {
  let t = first_token + position;
  switch what {
    case Q: { return q_TX[query_at(t, h) + c]; }
    case K: { return k_TX[key_at(t, g) + c]; }
    case V: { return qkv_TX[value_at(t, g) + c]; }
    default: { return dattn_TX[query_at(t, h) + c]; }
  }
}

// Weights of key j for query i, 0 where i does not see j. Scores are to the bit those of attention.fwd:
// weights are exact only then where scores are large.
fn weights(products: vec4f, i: vec4u, j: vec4u, highest: vec4f, over_total: vec4f) -> vec4f {
  let score = fma(vec4f(-slopes_H[h]), vec4f(i - j), products * dims.scale);
  let weight = exp(min(score, highest) - highest) * over_total;
  return select(vec4f(), weight, (i >= j) & (i < vec4u(dims.S)));
}

// A query that gives one key all of its weight, as the first must, has no gradient, not δ's rounding.
fn score_gradient(weight: vec4f, da: vec4f, delta: vec4f, i: vec4u) -> vec4f {
  return select(weight * (da - delta), vec4f(), (weight == vec4f(1.0)) | (i == vec4u(0u)));
}
