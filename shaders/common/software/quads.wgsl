// Invocations 4i … 4i + 3 of a workgroup show each other values.

// Column n is the vector of the n-th.
fn of_quad(mine: vec4f) -> mat4x4f {
  return mat4x4f(
    quadBroadcast(mine, 0u), quadBroadcast(mine, 1u), quadBroadcast(mine, 2u), quadBroadcast(mine, 3u));
}
