// Prelude of kernels that write gate weights: g of the first `count` slots of token t, and of the null
// slots, in a row of g that is 0.                          docs/model.md, "3. Gate weights"
// The including file binds z_TR, slots_R, p_TR, g_TR and selected_WT, and has T, R and gate among its dims.
var<private> row: u32;

// The logit as it ranks: numbers as they are, everything else last.
fn rank_value(r: u32) -> f32 {
  let z = z_TR[row + r];
  if (is_nan(z)) { return LOWEST; }
  return clamp(z, LOWEST, -LOWEST);
}

// Softmax over the logits that take part in the gate's normalisation, into g.
fn normalize_gates(t: u32, count: u32) {
  var largest = LOWEST;
  if (dims.gate == GATE_RENORMALIZED_WITH_NULL) {
    for (var r = 0u; r < dims.R; r++) {
      if (slots_R[r].x == ZERO) { largest = max(largest, rank_value(r)); }
    }
  }
  for (var w = 0u; w < count; w++) {
    let r = u32(selected_WT[w * dims.T + t]);
    if (dims.gate != GATE_RENORMALIZED_WITHOUT_ZERO || slots_R[r].x != ZERO) {
      largest = max(largest, rank_value(r));
    }
  }
  var sum = 0.0;
  if (dims.gate == GATE_RENORMALIZED_WITH_NULL) {
    for (var r = 0u; r < dims.R; r++) {
      if (slots_R[r].x != ZERO) { continue; }
      let e = exp(rank_value(r) - largest);
      g_TR[row + r] = e;
      sum += e;
    }
  }
  for (var w = 0u; w < count; w++) {
    let r = u32(selected_WT[w * dims.T + t]);
    // The null slots have theirs from above, or none.
    if (slots_R[r].x == ZERO && dims.gate != GATE_RENORMALIZED) { continue; }
    let e = exp(rank_value(r) - largest);
    g_TR[row + r] = e;
    sum += e;
  }
  if (sum == 0.0) { return; }
  for (var r = 0u; r < dims.R; r++) { g_TR[row + r] /= sum; }
}

fn write_gates(t: u32, count: u32) {
  if (dims.gate == GATE_SOFTMAX) {
    for (var w = 0u; w < count; w++) {
      let r = u32(selected_WT[w * dims.T + t]);
      g_TR[row + r] = p_TR[row + r];
    }
  } else if (dims.gate == GATE_UNIFORM) {
    for (var w = 0u; w < count; w++) {
      g_TR[row + u32(selected_WT[w * dims.T + t])] = 1.0 / f32(count);
    }
  } else {
    normalize_gates(t, count);
  }
}
