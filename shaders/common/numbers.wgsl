// Guards that survive fast-math: non-finite values are found by their bits.
const LOWEST: f32 = -3.0e38;
// What is smaller may be above 0 when it is compared, and 0 in a logarithm.
const LEAST_NORMAL: f32 = 1.17549435e-38;

fn is_finite(value: f32) -> bool {
  return (bitcast<u32>(value) & 0x7f800000u) != 0x7f800000u;
}

fn is_nan(value: f32) -> bool {
  return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u;
}

// 1 / (1 + exp(-x)) without overflow.
fn sigmoid(x: f32) -> f32 {
  return 1.0 / (1.0 + exp(-max(x, -80.0)));
}

fn sigmoid4(x: vec4f) -> vec4f {
  return 1.0 / (1.0 + exp(-max(x, vec4f(-80.0))));
}
