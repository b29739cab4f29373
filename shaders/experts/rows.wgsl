// The routing table of one FFN layer (src/kernels/rowTable.ts): which rows belong to which expert
// and which tiles to which expert. E = number of experts; each section has E + 1 exclusive offsets.
const ROW_START: u32 = 4u;

fn section(s: u32, E: u32) -> u32 { return ROW_START + s * (E + 1u); }
fn tiles_F(E: u32) -> u32 { return section(1u, E); }
fn tiles_D(E: u32) -> u32 { return section(2u, E); }
fn tiles_down_W(E: u32) -> u32 { return section(3u, E); }
fn tiles_up_W(E: u32) -> u32 { return section(4u, E); }
