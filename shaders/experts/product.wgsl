// Prelude of the experts' six products: which tile of which expert a workgroup has. The including file
// binds `table` and `experts_E`, defines
//   const TILES: u32                          the table's section with its tiles
//   product_of(F4, begin, end) -> Product     of an expert of width F4 with the rows begin … end − 1
// and what tile.workgroup and storeTile ask for, and reads `expert`, `row_begin` and `row_end`.
struct Product {
  // First row of the first tile, vec4s of a row, blocks of four terms.
  row: u32,
  cols: u32,
  terms: u32,
}

var<private> expert: vec4u;
var<private> row_begin: u32;
var<private> row_end: u32;

@compute @workgroup_size(64)
fn main(workgroup: Workgroup, @builtin(local_invocation_index) local: u32) {
  let index = linear_workgroup(workgroup);
  let tiles = section(TILES, dims.E);
  if (index >= table[tiles + dims.E]) { return; }
  let e = find_expert(tiles, dims.E, index);
  expert = experts_E[e];
  row_begin = table[ROW_START + e];
  row_end = table[ROW_START + e + 1u];
  // Not of the variables: compilers take those for different in every invocation.
  let product = product_of(experts_E[e].x, table[ROW_START + e], table[ROW_START + e + 1u]);
  let col_tiles = (product.cols + TILE_COLS - 1u) / TILE_COLS;
  let here = index - table[tiles + e];
  let row0 = product.row + here / col_tiles * TILE_ROWS;
  let col0 = here % col_tiles * TILE_COLS;
  let tile = matmul(local, row0, col0, product.terms);
  store_tile(tile_row(local, row0), tile_col(local, col0), tile);
}
