// Copies one buffer to another, 16 bytes per invocation.
@group(0) @binding(0) var<storage, read> source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> copy: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) at: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let i = at.x + at.y * grid.x * 64u;
  copy[i] = source[i];
}
