// Cross-entropy of every token in nats and, in training, its gradient in place of the logits.
// loss[t] = log Σ_v exp(z[t, v]) − z[t, target];  dz = (softmax(z) − 1[target])/tokens
// docs/model.md, "Losses"
// bindings (group 0)
//   0 targets_T array<u32>    [T]      read       below V
//   1 logits_TV array<vec4f>  [T, V4]  readWrite  out: dlogits where dims.backward = 1
//   2 loss_T    array<f32>    [T]      readWrite
// constants: none
// dispatch: one workgroup of 64 per token
// writes: overwrites, padding with 0. The target's logit is read before any is overwritten. The
//   maximum is subtracted. A row with a logit that is not finite has the loss +Inf.
struct Dims { T: u32, V: u32, V4: u32, backward: u32, tokens: u32 }
@group(0) @binding(0) var<storage, read> targets_T: array<u32>;
@group(0) @binding(1) var<storage, read_write> logits_TV: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> loss_T: array<f32>;
@group(1) @binding(0) var<uniform> dims: Dims;

const INFINITY_BITS: u32 = 0x7f800000u;
var<workgroup> highest_64: array<f32, 64>;
var<workgroup> target_logit: f32;

fn is_logit(i: u32) -> vec4<bool> {
  return vec4u(4u * i) + vec4u(0u, 1u, 2u, 3u) < vec4u(dims.V);
}

// Largest value of the workgroup; +Inf's bits stand for "not finite" and win.
fn reduce_highest(local: u32, value: f32) -> f32 {
  highest_64[local] = value;
  workgroupBarrier();
  for (var width = 32u; width > 0u; width >>= 1u) {
    if (local < width) {
      let other = highest_64[local + width];
      if (!is_finite(other)) {
        highest_64[local] = other;
      } else if (is_finite(highest_64[local])) {
        highest_64[local] = max(highest_64[local], other);
      }
    }
    workgroupBarrier();
  }
  return highest_64[0];
}

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let t = linear_workgroup(workgroup);
  if (t >= dims.T) { return; }
  let row = t * dims.V4;
  let goal = targets_T[t];
  var top = LOWEST;
  var finite = true;
  for (var i = local; i < dims.V4; i += 64u) {
    let z = select(vec4f(LOWEST), logits_TV[row + i], is_logit(i));
    let bits = bitcast<vec4u>(z) & vec4u(INFINITY_BITS);
    finite = finite && all(bits != vec4u(INFINITY_BITS));
    top = max(top, max(max(z.x, z.y), max(z.z, z.w)));
    if (i == goal / 4u) { target_logit = z[goal % 4u]; }
  }
  var infinity_bits = INFINITY_BITS;
  let infinity = bitcast<f32>(infinity_bits);
  top = reduce_highest(local, select(infinity, top, finite));
  var sum = 0.0;
  for (var i = local; i < dims.V4; i += 64u) {
    let weight = exp(min(logits_TV[row + i] - top, vec4f()));
    sum += dot(select(vec4f(), weight, is_logit(i)), vec4f(1.0));
  }
  let total = reduce_sum(local, sum);
  if (local == 0u) {
    loss_T[t] = select(infinity, log(total) + (top - target_logit), is_finite(top));
  }
  if (dims.backward == 0u) { return; }
  let scale = 1.0 / f32(dims.tokens);
  for (var i = local; i < dims.V4; i += 64u) {
    var dz = exp(min(logits_TV[row + i] - top, vec4f())) / total;
    if (i == goal / 4u) { dz[goal % 4u] -= 1.0; }
    logits_TV[row + i] = select(vec4f(), dz * scale, is_logit(i));
  }
}
