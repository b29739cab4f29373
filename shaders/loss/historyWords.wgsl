// Words of a slot in a history of counts, before the counts themselves: how many there are, which is the
// next to be written over, and their sum.
const HISTORY_FILLED: u32 = 0u;
const HISTORY_NEXT: u32 = 1u;
const HISTORY_TOTAL: u32 = 2u;
const HISTORY_COUNTS: u32 = 3u;
