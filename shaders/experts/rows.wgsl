// The routing table of one FFN layer (src/kernels/rowTable.ts): which rows belong to which expert
// and which tiles to which expert. E = number of experts; each section has E + 1 exclusive offsets.
const ROW_START: u32 = 4u;

const SECTION_ROWS: u32 = 0u;
const SECTION_TILES_F: u32 = 1u;
const SECTION_TILES_D: u32 = 2u;
const SECTION_TILES_DOWN_W: u32 = 3u;
const SECTION_TILES_UP_W: u32 = 4u;
// After the offsets: four sections of R words each, one per slot.
const SECTION_SLOTS: u32 = 5u;

fn section(s: u32, E: u32) -> u32 { return ROW_START + s * (E + 1u); }
