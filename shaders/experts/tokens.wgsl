// Prelude of the products that read a token's vector for every row: its place, rows past the last clamped.
// The including file binds `row_token_J`.
fn token_place(row: u32) -> u32 { return row_token_J[min(row, row_end - 1u)] * dims.D4; }
