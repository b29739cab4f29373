// Prelude of an inspection's kernels: what is asked of the layer whose words begin at dims.request
// (src/kernels/interventions.ts). The including file binds `requests: array<u32>` and has R among its dims.
// Words: first and end of the layer's forced slots, then 1 or 0 per slot: whether its logit is left.
const FORCED_WORDS: u32 = 3u;

fn is_left(r: u32) -> bool { return requests[dims.request + 2u + r] == 1u; }
