// tile + b · a: row n of the product in column n, every element by four multiply-adds in order.
fn add_row(row: vec4f, b: mat4x4f, a: vec4f) -> vec4f {
  return fma(vec4f(a.w), b[3], fma(vec4f(a.z), b[2], fma(vec4f(a.y), b[1], fma(vec4f(a.x), b[0], row))));
}

fn add_product(tile: mat4x4f, b: mat4x4f, a: mat4x4f) -> mat4x4f {
  return mat4x4f(
    add_row(tile[0], b, a[0]), add_row(tile[1], b, a[1]),
    add_row(tile[2], b, a[2]), add_row(tile[3], b, a[3]));
}
