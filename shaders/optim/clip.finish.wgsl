// Gradient norm, losses and the factor of clipping; a step that is not finite halts the run.
// scale = min(1, clip/(norm + 1e-6)), 1 without clipping; total = ce + Σ aux terms
// docs/model.md, "Optimiser", "Losses" and "Non-finite values"
// bindings (group 0)
//   0 partials_W array<f32>  [workgroups]  read       of clip.partial
//   1 loss_T     array<f32>  [T]           read       cross-entropy per token
//   2 aux_LA     array<f32>  [layers, 7]   read       terms in the order of AUX_TERMS
//   3 state      array<u32>  [3]           readWrite  0 halted, 1 bits of scale, 2 the refused step
//   4 ring       array<u32>  [slots, record_floats]  readWrite
// constants: none
// dispatch: one workgroup of 64
// writes: state, where `halted` and the refused step stay once set; the first 13 words of the ring's
//   record step_params.ring_slot: bits of ce, the 7 aux sums, total, norm, learning rate (f32), 1.0
//   where this step changes no parameter, the step number (u32; words, because a float store may
//   flush it as a denormal)
struct Dims { workgroups: u32, T: u32, layers: u32, record_floats: u32 }
@group(0) @binding(0) var<storage, read> partials_W: array<f32>;
@group(0) @binding(1) var<storage, read> loss_T: array<f32>;
@group(0) @binding(2) var<storage, read> aux_LA: array<f32>;
@group(0) @binding(3) var<storage, read_write> state: array<u32>;
@group(0) @binding(4) var<storage, read_write> ring: array<u32>;
@group(1) @binding(0) var<uniform> dims: Dims;

// Words of a record; the auxiliary sums follow the first.
const RECORD_CE: u32 = 0u;
const RECORD_AUX: u32 = 1u;
const RECORD_TOTAL: u32 = 8u;
const RECORD_GRAD_NORM: u32 = 9u;
const RECORD_LR: u32 = 10u;
const RECORD_REFUSED: u32 = 11u;
const RECORD_STEP: u32 = 12u;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) local: u32) {
  var squares = 0.0;
  for (var w = local; w < dims.workgroups; w += 64u) { squares += partials_W[w]; }
  let norm = sqrt(reduce_sum(local, squares));
  var loss = 0.0;
  for (var t = local; t < dims.T; t += 64u) { loss += loss_T[t]; }
  let ce = reduce_sum(local, loss) / f32(dims.T);
  if (local != 0u) { return; }

  let record = step_params.ring_slot * dims.record_floats;
  var total = ce;
  var finite = is_finite(norm) && is_finite(ce);
  for (var a = 0u; a < AUX_COUNT; a++) {
    var aux = 0.0;
    for (var l = 0u; l < dims.layers; l++) { aux += aux_LA[l * AUX_COUNT + a]; }
    finite = finite && is_finite(aux);
    total += aux;
    ring[record + RECORD_AUX + a] = bitcast<u32>(aux);
  }
  finite = finite && is_finite(total);
  if (!finite && state[0] == 0u) {
    state[0] = 1u;
    state[2] = step_params.step;
  }
  var scale = 1.0;
  if (step_params.clip > 0.0) { scale = min(1.0, step_params.clip / (norm + 1e-6)); }
  state[1] = bitcast<u32>(scale);
  ring[record + RECORD_CE] = bitcast<u32>(ce);
  ring[record + RECORD_TOTAL] = bitcast<u32>(total);
  ring[record + RECORD_GRAD_NORM] = bitcast<u32>(norm);
  ring[record + RECORD_LR] = bitcast<u32>(step_params.learning_rate);
  ring[record + RECORD_REFUSED] = bitcast<u32>(select(0.0, 1.0, state[0] == 1u));
  ring[record + RECORD_STEP] = step_params.step;
}
