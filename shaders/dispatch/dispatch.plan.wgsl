// Turns the chunk counts into places: offsets of every chunk, capacities, rows and tiles of every
// expert. Rows are sorted by expert; a negated slot's rows follow its twin's.
// places: ceil(γ·A·τ/(τ·Nf + Nzc)) for ffn and negated slots, ceil(γ·A/(τ·Nf + Nzc)) for
// zero-computation slots, by rank, then token                  MoE++ 8; docs/model.md, "4. Capacity"
// bindings (group 0)
//   0 slots_R   array<vec4u>  [R]             read
//   1 experts_E array<vec4u>  [E] (F4, …)     read
//   2 places_A2 array<u32>    [A − a_min, 2]  read  places of an ffn and a zero-computation slot
//   3 count_NR  array<u32>    [W·chunks, R]   readWrite  in: counts; out: exclusive offsets
//   4 table     array<u32>    routing table   readWrite
//   5 ring      array<u32>    telemetry       readWrite
// constants: none
// dispatch: one workgroup of 64
// writes: overwrites; the ring only in training
struct Dims {
  R: u32, E: u32, W: u32, chunks: u32, D4: u32, channel_tile4: u32,
  has_capacity: u32, a_min: u32, ffn_slots: u32, record: u32, offset: u32,
}
@group(0) @binding(0) var<storage, read> slots_R: array<vec4u>;
@group(0) @binding(1) var<storage, read> experts_E: array<vec4u>;
@group(0) @binding(2) var<storage, read> places_A2: array<u32>;
@group(0) @binding(3) var<storage, read_write> count_NR: array<u32>;
@group(0) @binding(4) var<storage, read_write> table: array<u32>;
@group(0) @binding(5) var<storage, read_write> ring: array<u32>;
@group(1) @binding(0) var<uniform> dims: Dims;

// What one invocation adds up is here: the latency of storage would be paid for every slot.
var<workgroup> count_of: array<u32, 256>;
var<workgroup> kept_of: array<u32, 256>;

fn ceil_div(a: u32, b: u32) -> u32 { return (a + b - 1u) / b; }

// Offsets of every chunk within slot r, and its counts per rank.
fn scan_slot(r: u32, telemetry: u32) {
  var running = 0u;
  for (var w = 0u; w < dims.W; w++) {
    let before = running;
    var c = 0u;
    // Four at a time: they are loaded together, not each after the one before was stored.
    for (; c + 4u <= dims.chunks; c += 4u) {
      let at = (w * dims.chunks + c) * dims.R + r;
      let count = vec4u(
        count_NR[at], count_NR[at + dims.R], count_NR[at + 2u * dims.R], count_NR[at + 3u * dims.R]);
      count_NR[at] = running;
      count_NR[at + dims.R] = running + count.x;
      count_NR[at + 2u * dims.R] = running + count.x + count.y;
      count_NR[at + 3u * dims.R] = running + count.x + count.y + count.z;
      running += count.x + count.y + count.z + count.w;
    }
    for (; c < dims.chunks; c++) {
      let at = (w * dims.chunks + c) * dims.R + r;
      let count = count_NR[at];
      count_NR[at] = running;
      running += count;
    }
    if (w == 0u) { table[slot_section(3u) + r] = running; }
    if (step_params.is_training == 1u) { ring[telemetry + w * dims.R + r] = running - before; }
  }
  table[slot_section(2u) + r] = running;
  count_of[r] = running;
}

// Sections of R words after the tiles: row base, kept, count, rank-0 count.
fn slot_section(s: u32) -> u32 { return section(SECTION_SLOTS, dims.E) + s * dims.R; }

// First tiles of an expert: forward, backward to inputs, of the down and of the up weights.
fn write_tiles(e: u32, first: vec4u) {
  table[section(SECTION_TILES_F, dims.E) + e] = first.x;
  table[section(SECTION_TILES_D, dims.E) + e] = first.y;
  table[section(SECTION_TILES_DOWN_W, dims.E) + e] = first.z;
  table[section(SECTION_TILES_UP_W, dims.E) + e] = first.w;
}

// Rows and tiles of the experts, one after the other.
fn write_experts(assignments: u32) {
  let channel_tiles = ceil_div(dims.D4, dims.channel_tile4);
  var row = 0u;
  var next = 0u;
  var tiles = vec4u();
  for (var e = 0u; e < dims.E; e++) {
    let first = row;
    table[ROW_START + e] = row;
    write_tiles(e, tiles);
    for (; next < dims.ffn_slots; next++) {
      let r = slots_R[next].z;
      if (slots_R[r].y != e) { break; }
      table[slot_section(0u) + r] = row;
      row += kept_of[r];
    }
    let F4 = experts_E[e].x;
    let row_tiles = ceil_div(row - first, 64u);
    tiles += vec4u(
      row_tiles * ceil_div(F4, 8u),
      row_tiles * channel_tiles,
      ceil_div(dims.D4, 16u) * ceil_div(F4, 16u),
      ceil_div(F4, 8u) * channel_tiles);
  }
  table[ROW_START + dims.E] = row;
  write_tiles(dims.E, tiles);
  table[0] = assignments;
  table[1] = row;
}

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) local: u32) {
  let telemetry = step_params.ring_slot * dims.record + dims.offset;
  for (var r = local; r < dims.R; r += 64u) { scan_slot(r, telemetry); }
  workgroupBarrier();
  var assignments = 0u;
  for (var r = 0u; r < dims.R; r++) { assignments += count_of[r]; }
  for (var r = local; r < dims.R; r += 64u) {
    var kept = count_of[r];
    if (dims.has_capacity == 1u && step_params.use_capacity == 1u) {
      let is_ffn = slots_R[r].x <= NEGATED;
      let at = 2u * (assignments - dims.a_min) + select(1u, 0u, is_ffn);
      kept = min(kept, places_A2[at]);
    }
    table[slot_section(1u) + r] = kept;
    kept_of[r] = kept;
    if (step_params.is_training == 1u) {
      ring[telemetry + dims.W * dims.R + r] = count_of[r] - kept;
    }
  }
  workgroupBarrier();
  if (local == 0u) { write_experts(assignments); }
}
