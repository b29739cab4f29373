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
// dispatch: one workgroup of 256 per chunk of 256 tokens, ranks slowest; an invocation has a token. The first
//   64 bring the chunk's slots, a vector each: whoever writes a component may write the whole vector.
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

var<workgroup> chosen: array<vec4i, 64>;

// Tokens of the chunk before the n-th that select slot r.
fn earlier(n: u32, r: i32) -> u32 {
  var count = vec4u();
  for (var v = 0u; v < n / 4u; v++) { count += vec4u(chosen[v] == vec4i(r)); }
  let rest = vec4u(chosen[n / 4u] == vec4i(r)) * vec4u(vec4u(0u, 1u, 2u, 3u) < vec4u(n % 4u));
  count += rest;
  return count.x + count.y + count.z + count.w;
}

fn route_of(r: u32, t: u32, place: u32) -> vec2u {
  let slot = slots_R[r];
  let rows = section(SECTION_SLOTS, dims.E);
  let g = g_TR[t * dims.R4 * 4u + r];
  if (place >= table[rows + dims.R + r]) { return route(ROUTE_DROPPED, 0u, 0.0); }
  if (slot.x <= NEGATED) {
    let row = table[rows + r] + place;
    let coef = select(g, -g, slot.x == NEGATED);
    row_token_J[row] = t;
    row_coef_J[row] = coef;
    return route(select(ROUTE_FFN, ROUTE_NEGATED, slot.x == NEGATED), row, coef);
  }
  if (slot.x == COPY) { return route(ROUTE_COPY, 0u, g); }
  if (slot.x == CONSTANT) { return route(ROUTE_CONSTANT, slot.y, g); }
  return route(ROUTE_ZERO, 0u, 0.0);
}

// Slot of token t at the rank whose slots start at `base`; −1 past the last token.
fn slot_at(base: u32, t: u32) -> i32 {
  return select(-1, selected_WT[base + min(t, dims.T - 1u)], t < dims.T);
}

@compute @workgroup_size(256)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let chunk = linear_workgroup(workgroup);
  if (chunk >= dims.W * dims.chunks) { return; }
  let first = chunk % dims.chunks * 256u;
  let base = chunk / dims.chunks * dims.T;
  if (local < 64u) {
    let t = first + 4u * local;
    chosen[local] = vec4i(
      slot_at(base, t), slot_at(base, t + 1u), slot_at(base, t + 2u), slot_at(base, t + 3u));
  }
  workgroupBarrier();
  let t = first + local;
  if (t >= dims.T) { return; }
  let at = base + t;
  let r = selected_WT[at];
  if (r < 0) {
    route_WT[at] = route(ROUTE_NONE, 0u, 0.0);
    return;
  }
  route_WT[at] = route_of(u32(r), t, count_NR[chunk * dims.R + u32(r)] + earlier(local, r));
}
