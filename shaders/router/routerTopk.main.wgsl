// Prelude of kernels that select slots by rank: softmax, selection and gate weights of a token.
//                                     docs/model.md, "2. Selection"; docs/balancing.md, "Step 1½: scores"
// The including file binds what gates needs, has the dims of routerTopk.fwd and gives order_value(r), by
// which slot r ranks: a number, LOWEST or more.

// The slot after (value, index) in the order of ranks: value descending, index ascending.
fn next_slot(value: f32, index: i32) -> i32 {
  var best = -1;
  var best_value = 0.0;
  for (var r = 0u; r < dims.R; r++) {
    let v = order_value(r);
    let is_later = index < 0 || v < value || (v == value && i32(r) > index);
    if (is_later && (best < 0 || v > best_value)) {
      best = i32(r);
      best_value = v;
    }
  }
  return best;
}

// Hash of (seed; step, layer, token), as the goldens' README gives it.
fn drops_second(t: u32) -> bool {
  if (step_params.drop_enabled == 0u) { return false; }
  var h = mix32(step_params.seed ^ 0x9e3779b9u);
  h = mix32(h ^ step_params.drop_step);
  h = mix32(h ^ dims.layer);
  h = mix32(h ^ t);
  return h < step_params.drop_threshold || step_params.drop_all == 1u;
}

// Most slots that this token may select, before the prefix test of topp.
fn selection_limit(t: u32, p_max: f32) -> u32 {
  if (dims.selection == SELECT_RANDOM_DROP) { return select(2u, 1u, drops_second(t)); }
  if (dims.selection == SELECT_ADAPTIVE) {
    if (dims.policy != POLICY_DYNAMIC) { return dims.policy; }
    if (p_max >= dims.alpha) { return 1u; }
    return select(2u, 3u, p_max <= dims.beta);
  }
  return select(dims.K, dims.R, dims.selection == SELECT_TOPP);
}

// Fills selected_WT of the token; returns how many slots it selects.
fn choose(t: u32, p_max: f32) -> u32 {
  let limit = min(min(selection_limit(t, p_max), dims.R), dims.W);
  var count = 0u;
  var sum = 0.0;
  var slot = -1;
  for (var w = 0u; w < dims.W; w++) {
    if (w >= limit || (dims.selection == SELECT_TOPP && w > 0u && sum >= step_params.top_p)) {
      selected_WT[w * dims.T + t] = -1;
      continue;
    }
    var value = 0.0;
    if (slot >= 0) { value = order_value(u32(slot)); }
    slot = next_slot(value, slot);
    selected_WT[w * dims.T + t] = slot;
    sum += p_TR[row + u32(slot)];
    count = w + 1u;
  }
  return count;
}

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let t = linear_workgroup(workgroup) * 64u + local;
  if (t >= dims.T) { return; }
  row = t * dims.R4 * 4u;
  var largest = LOWEST;
  var all_finite = true;
  for (var r = 0u; r < dims.R; r++) {
    largest = max(largest, rank_value(r));
    all_finite = all_finite && is_finite(z_TR[row + r]);
  }
  var sum = 0.0;
  for (var r = 0u; r < dims.R4 * 4u; r++) {
    var e = 0.0;
    if (r < dims.R) { e = exp(rank_value(r) - largest); }
    sum += e;
    p_TR[row + r] = e;
    g_TR[row + r] = 0.0;
  }
  for (var r = 0u; r < dims.R; r++) { p_TR[row + r] /= sum; }
  let count = choose(t, 1.0 / sum);
  write_gates(t, count);
  if (!all_finite) {
    for (var r = 0u; r < dims.R; r++) { p_TR[row + r] = bitcast<f32>(dims.not_a_number); }
  }
}
