// Gives every assignment its place: its row in expert order, or what else it adds to the output.
// Places go by rank first, then by token; an assignment over capacity is dropped.
//                                                                    docs/model.md, "4. Capacity"
// bindings (group 0)
//   0 selected_WT array<i32>    [W, T]          read
//   1 count_NR    array<u32>    [W·chunks, R]   read   exclusive offsets of each chunk
//   2 slots_R     array<vec4u>  [R]             read
//   3 table       array<u32>    routing table   read
//   4 g_TR        array<f32>    [T, R]          read
//   5 row_token_J array<u32>    [J]             readWrite
//   6 row_coef_J  array<f32>    [J]             readWrite
//   7 route_WT    array<vec2u>  [W, T]          readWrite
// constants: none
// dispatch: one workgroup of 64 per chunk, ranks slowest; an invocation places slots 64 apart
// writes: overwrites every route, and the rows that are in use
struct Dims { T: u32, R: u32, R4: u32, W: u32, E: u32, chunks: u32 }
@group(0) @binding(0) var<storage, read> selected_WT: array<i32>;
@group(0) @binding(1) var<storage, read> count_NR: array<u32>;
@group(0) @binding(2) var<storage, read> slots_R: array<vec4u>;
@group(0) @binding(3) var<storage, read> table: array<u32>;
@group(0) @binding(4) var<storage, read> g_TR: array<f32>;
@group(0) @binding(5) var<storage, read_write> row_token_J: array<u32>;
@group(0) @binding(6) var<storage, read_write> row_coef_J: array<f32>;
@group(0) @binding(7) var<storage, read_write> route_WT: array<vec2u>;
@group(1) @binding(0) var<uniform> dims: Dims;

fn route(code: u32, index: u32, coef: f32) -> vec2u {
  return vec2u((code << 28u) | index, bitcast<u32>(coef));
}

fn place_slot(r: u32, chunk: u32, first: u32, last: u32, base: u32) {
  let slot = slots_R[r];
  let rows = section(SECTION_SLOTS, dims.E);
  let row_base = table[rows + r];
  let kept = table[rows + dims.R + r];
  var place = count_NR[chunk * dims.R + r];
  for (var t = first; t < last; t++) {
    if (selected_WT[base + t] != i32(r)) { continue; }
    let g = g_TR[t * dims.R4 * 4u + r];
    let here = place;
    place++;
    if (here >= kept) {
      route_WT[base + t] = route(ROUTE_DROPPED, 0u, 0.0);
    } else if (slot.x <= NEGATED) {
      let row = row_base + here;
      let coef = select(g, -g, slot.x == NEGATED);
      row_token_J[row] = t;
      row_coef_J[row] = coef;
      route_WT[base + t] = route(select(ROUTE_FFN, ROUTE_NEGATED, slot.x == NEGATED), row, coef);
    } else if (slot.x == COPY) {
      route_WT[base + t] = route(ROUTE_COPY, 0u, g);
    } else if (slot.x == CONSTANT) {
      route_WT[base + t] = route(ROUTE_CONSTANT, slot.y, g);
    } else {
      route_WT[base + t] = route(ROUTE_ZERO, 0u, 0.0);
    }
  }
}

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let chunk = linear_workgroup(workgroup);
  if (chunk >= dims.W * dims.chunks) { return; }
  let first = chunk % dims.chunks * 256u;
  let last = min(first + 256u, dims.T);
  let base = chunk / dims.chunks * dims.T;
  for (var t = first + local; t < last; t += 64u) {
    if (selected_WT[base + t] < 0) { route_WT[base + t] = route(ROUTE_NONE, 0u, 0.0); }
  }
  for (var r = local; r < dims.R; r += 64u) { place_slot(r, chunk, first, last, base); }
}
