// The bias that every slot would need at every token, as whole numbers of the same order.
// α_t = the (K + 1)-th largest of v_j = s_j + b_j;  r_i(t) = α_t − s_i(t)
//                                          docs/balancing.md, "Selection bias"; Su (kexue.fm 11619)
// bindings (group 0)
//   0 s_TR    array<f32>  [T, R]  read       rows padded to 4·R4
//   1 bias_R  array<f32>  [R]     read
//   2 key_RT  array<u32>  [R, T]  readWrite
// constants: none
// dispatch: one invocation per token, workgroups of 64
// writes: overwrites
struct Dims { T: u32, R: u32, R4: u32, K: u32 }
@group(0) @binding(0) var<storage, read> s_TR: array<f32>;
@group(0) @binding(1) var<storage, read> bias_R: array<f32>;
@group(0) @binding(2) var<storage, read_write> key_RT: array<u32>;
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let t = linear_workgroup(workgroup) * 64u + local;
  if (t >= dims.T) { return; }
  let row = t * dims.R4 * 4u;
  var alpha = 0.0;
  for (var r = 0u; r < dims.R; r++) {
    let v = s_TR[row + r] + bias_R[r];
    var rank = 0u;
    for (var j = 0u; j < dims.R; j++) {
      let other = s_TR[row + j] + bias_R[j];
      rank += u32(other > v || (other == v && j < r));
    }
    if (rank == dims.K) { alpha = v; }
  }
  for (var r = 0u; r < dims.R; r++) {
    key_RT[r * dims.T + t] = key_of(alpha - s_TR[row + r]);
  }
}
