// [a₁, a₂] = softmax of a constant expert's two mixing logits (MoE++ 5).
fn mix_weights(logits: vec4f) -> vec2f {
  let a1 = sigmoid(logits.x - logits.y);
  let a2 = sigmoid(logits.y - logits.x);
  return vec2f(a1, a2);
}
