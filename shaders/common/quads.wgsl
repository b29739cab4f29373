// Invocations 4i … 4i + 3 of a workgroup show each other values.

// Column n is the vector of the n-th.
fn of_quad(mine: vec4f) -> mat4x4f {
  return mat4x4f(
    quadBroadcast(mine, 0u), quadBroadcast(mine, 1u), quadBroadcast(mine, 2u), quadBroadcast(mine, 3u));
}

// The block of the invocation beside this one: 0 and 1, 2 and 3.
fn beside(mine: mat4x4f) -> mat4x4f {
  return mat4x4f(quadSwapX(mine[0]), quadSwapX(mine[1]), quadSwapX(mine[2]), quadSwapX(mine[3]));
}

// The block of the invocation below or above this one: 0 and 2, 1 and 3.
fn below(mine: mat4x4f) -> mat4x4f {
  return mat4x4f(quadSwapY(mine[0]), quadSwapY(mine[1]), quadSwapY(mine[2]), quadSwapY(mine[3]));
}
