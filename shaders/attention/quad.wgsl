// Prelude of attention's bodies for software adapters: four neighbours own rows of one head together, and
// each has every fourth block of four channels of them, so that no index into registers varies. Scores
// are sums over channels: the neighbours add up their parts, and then each goes on with the softmax of
// one row in four and shows it to the others.
// constants: CP4 (at most 8), BLOCKS (blocks of four channels per invocation: 1 or 2)

// Blocks of four rows (columns of a matrix) × four channels: c = lane, lane + 4.
alias Channels = array<mat4x4f, BLOCKS>;

struct Place {
  // Sequence and head; the sequence is past the last where there is nothing to do.
  b: u32,
  head: u32,
  // The first row.
  first: u32,
}

// Place of quad `index`: heads, then groups of `rows` rows.
fn place_of(index: u32, heads: u32, S: u32, rows: u32) -> Place {
  let groups = (S + rows - 1u) / rows;
  let head = index / groups;
  return Place(head / heads, head % heads, index % groups * rows);
}

// The vector at channel block c of a row, 0 past the last block.
fn channel(c: u32) -> u32 { return min(c, CP4 - 1u); }
fn live(value: vec4f, c: u32) -> vec4f { return select(vec4f(), value, c < CP4); }

// a · bᵀ over all channels: column n = row n of a with the four rows of b.
fn scores(a: Channels, b: Channels) -> mat4x4f {
  var part = add_product(mat4x4f(), transpose(b[0]), a[0]);
  if (BLOCKS > 1u) { part = add_product(part, transpose(b[BLOCKS - 1u]), a[BLOCKS - 1u]); }
  let pair = part + beside(part);
  return pair + below(pair);
}

// sum + weights · rows: column n = Σ_m weights[n][m]·rows[m]
fn mix(sum: Channels, rows: Channels, weights: mat4x4f) -> Channels {
  var out: Channels;
  out[0] = add_product(sum[0], rows[0], weights);
  if (BLOCKS > 1u) { out[BLOCKS - 1u] = add_product(sum[BLOCKS - 1u], rows[BLOCKS - 1u], weights); }
  return out;
}

fn scale_column(x: mat4x4f, by: vec4f) -> mat4x4f {
  return mat4x4f(x[0] * by.x, x[1] * by.y, x[2] * by.z, x[3] * by.w);
}

// Column n times by[n].
fn scaled(x: Channels, by: vec4f) -> Channels {
  var out: Channels;
  out[0] = scale_column(x[0], by);
  if (BLOCKS > 1u) { out[BLOCKS - 1u] = scale_column(x[BLOCKS - 1u], by); }
  return out;
}

// Positions of four rows.
fn four(first: u32) -> vec4f { return vec4f(vec4u(first) + vec4u(0u, 1u, 2u, 3u)); }
// The first numbers of four vectors, and the second.
fn firsts(x: mat4x4f) -> vec4f { return vec4f(x[0].x, x[1].x, x[2].x, x[3].x); }
fn seconds(x: mat4x4f) -> vec4f { return vec4f(x[0].y, x[1].y, x[2].y, x[3].y); }

fn sum4(x: vec4f) -> f32 { return (x.x + x.y) + (x.z + x.w); }
fn max4(x: vec4f) -> f32 { return max(max(x.x, x.y), max(x.z, x.w)); }
