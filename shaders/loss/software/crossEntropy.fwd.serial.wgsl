// Cross-entropy of every token in nats and, in training, its gradient in place of the logits: the
// body of crossEntropy.fwd for software adapters, without barriers.
// loss[t] = log Σ_v exp(z[t, v]) − z[t, target];  dz = (softmax(z) − 1[target])/tokens
// docs/model.md, "Losses"
// bindings (group 0)
//   0 targets_T array<u32>    [T]      read       below V
//   1 logits_TV array<vec4f>  [T, V4]  readWrite  out: dlogits where dims.backward = 1
//   2 loss_T    array<f32>    [T]      readWrite
// constants: none
// dispatch: one invocation per token, in workgroups of 64
// writes: overwrites, padding with 0. The target's logit is read before any is overwritten. The
//   maximum is subtracted. A row with a logit that is not finite has the loss +Inf.
struct Dims { T: u32, V: u32, V4: u32, backward: u32, tokens: u32 }
@group(0) @binding(0) var<storage, read> targets_T: array<u32>;
@group(0) @binding(1) var<storage, read_write> logits_TV: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> loss_T: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

const INFINITY_BITS: u32 = 0x7f800000u;

fn is_logit(i: u32) -> vec4<bool> {
  return vec4u(4u * i) + vec4u(0u, 1u, 2u, 3u) < vec4u(dims.V);
}

fn is_target(i: u32, goal: u32) -> vec4<bool> {
  return vec4u(4u * i) + vec4u(0u, 1u, 2u, 3u) == vec4u(goal);
}

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let t = linear_workgroup(workgroup) * 64u + local;
  if (t >= dims.T) { return; }
  let row = t * dims.V4;
  let goal = targets_T[t];
  var top = LOWEST;
  var target_logit = 0.0;
  var finite = true;
  for (var i = 0u; i < dims.V4; i++) {
    let z = select(vec4f(LOWEST), logits_TV[row + i], is_logit(i));
    let bits = bitcast<vec4u>(z) & vec4u(INFINITY_BITS);
    finite = finite && all(bits != vec4u(INFINITY_BITS));
    top = max(top, max(max(z.x, z.y), max(z.z, z.w)));
    target_logit += dot(select(vec4f(), z, is_target(i, goal)), vec4f(1.0));
  }
  var infinity_bits = INFINITY_BITS;
  let infinity = bitcast<f32>(infinity_bits);
  top = select(infinity, top, finite);
  var sum = 0.0;
  for (var i = 0u; i < dims.V4; i++) {
    let weight = exp(min(logits_TV[row + i] - top, vec4f()));
    sum += dot(select(vec4f(), weight, is_logit(i)), vec4f(1.0));
  }
  loss_T[t] = select(infinity, log(sum) + (top - target_logit), finite);
  if (dims.backward == 0u) { return; }
  let scale = 1.0 / f32(dims.tokens);
  for (var i = 0u; i < dims.V4; i++) {
    let softmax = exp(min(logits_TV[row + i] - top, vec4f())) / sum;
    let dz = softmax - select(vec4f(), vec4f(1.0), is_target(i, goal));
    logits_TV[row + i] = select(vec4f(), dz * scale, is_logit(i));
  }
}
