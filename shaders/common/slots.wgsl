// Router slots: slots_R[r] = (kind, group, order, 0). `group` is the FFN expert of an ffn or negated
// slot, the constant's index of a constant slot. The third words of all slots are one list: the ffn
// and negated slots in the order of their groups.
const FFN: u32 = 0u;
const NEGATED: u32 = 1u;
const ZERO: u32 = 2u;
const COPY: u32 = 3u;
const CONSTANT: u32 = 4u;

// route_WT[w·T + t] = (code << 28 | index, coefficient): what rank w of token t adds to the output.
const ROUTE_NONE: u32 = 0u;
const ROUTE_FFN: u32 = 1u;
const ROUTE_NEGATED: u32 = 2u;
const ROUTE_COPY: u32 = 3u;
const ROUTE_CONSTANT: u32 = 4u;
const ROUTE_ZERO: u32 = 5u;
const ROUTE_DROPPED: u32 = 6u;
const ROUTE_INDEX: u32 = 0x0fffffffu;
