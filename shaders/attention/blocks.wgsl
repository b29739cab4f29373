// Prelude of attention's bodies for software adapters: 4×4 blocks of scores instead of single ones.
// An invocation owns four rows of one head; four neighbours own 16 rows of it and walk the rows of
// the other side together, eight at a time (two blocks), so that they can load for each other.
// constants: CP4 (at most 8)

// An invocation's four rows: CP4 blocks of four channels. `block_at` and `put_block` select among them with
// constant indices, because an index that varies costs those adapters a memory access per element.
alias Rows = array<mat4x4f, 8>;

fn pick(a: mat4x4f, b: mat4x4f, second: bool) -> mat4x4f {
  return mat4x4f(
    select(a[0], b[0], second), select(a[1], b[1], second),
    select(a[2], b[2], second), select(a[3], b[3], second));
}

fn block_at(rows: ptr<function, Rows>, c: u32) -> mat4x4f {
  var block = rows[0];
  if (CP4 > 1u) { block = pick(block, rows[1], c == 1u); }
  if (CP4 > 2u) { block = pick(block, rows[2], c == 2u); }
  if (CP4 > 3u) { block = pick(block, rows[3], c == 3u); }
  if (CP4 > 4u) { block = pick(block, rows[4], c == 4u); }
  if (CP4 > 5u) { block = pick(block, rows[5], c == 5u); }
  if (CP4 > 6u) { block = pick(block, rows[6], c == 6u); }
  if (CP4 > 7u) { block = pick(block, rows[7], c == 7u); }
  return block;
}

fn put_block(rows: ptr<function, Rows>, c: u32, block: mat4x4f) {
  rows[0] = pick(rows[0], block, c == 0u);
  if (CP4 > 1u) { rows[1] = pick(rows[1], block, c == 1u); }
  if (CP4 > 2u) { rows[2] = pick(rows[2], block, c == 2u); }
  if (CP4 > 3u) { rows[3] = pick(rows[3], block, c == 3u); }
  if (CP4 > 4u) { rows[4] = pick(rows[4], block, c == 4u); }
  if (CP4 > 5u) { rows[5] = pick(rows[5], block, c == 5u); }
  if (CP4 > 6u) { rows[6] = pick(rows[6], block, c == 6u); }
  if (CP4 > 7u) { rows[7] = pick(rows[7], block, c == 7u); }
}

struct Place {
  // Sequence and head; the sequence is past the last where there is nothing to do.
  b: u32,
  head: u32,
  // The first row.
  first: u32,
}

// Place of invocation `index`: heads, then blocks of four rows, 16 rows together.
fn place_of(index: u32, heads: u32, S: u32) -> Place {
  let blocks = (S + 15u) / 16u * 4u;
  let head = index / blocks;
  return Place(head / heads, head % heads, index % blocks * 4u);
}

// Rows before it are walked for the causal rows first … first + 3.
fn rows_end(first: u32, S: u32) -> u32 {
  return min(first / 16u * 16u + 16u, S);
}

// The row from which those are walked that see rows first … first + 3.
fn rows_start(first: u32) -> u32 { return first / 16u * 16u; }

// Positions of a block's four rows.
fn four(first: u32) -> vec4f { return vec4f(vec4u(first) + vec4u(0u, 1u, 2u, 3u)); }

fn sum4(x: vec4f) -> f32 { return (x.x + x.y) + (x.z + x.w); }
fn max4(x: vec4f) -> f32 { return max(max(x.x, x.y), max(x.z, x.w)); }
