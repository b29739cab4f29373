// Auxiliary terms of a layer, in the order of AUX_TERMS (src/config/auxTerms.ts).
const AUX_SWITCH: u32 = 0u;
const AUX_HETEROGENEOUS: u32 = 1u;
const AUX_TERNARY: u32 = 2u;
const AUX_REWARD: u32 = 3u;
const AUX_DYNAMIC: u32 = 4u;
const AUX_ZLOSS: u32 = 5u;
const AUX_BALANCE: u32 = 6u;
const AUX_COUNT: u32 = 7u;
