// How slots are selected and what their gate weights are (src/kernels/codes.ts).
const SELECT_TOPK: u32 = 0u;
const SELECT_TOPP: u32 = 1u;
const SELECT_RANDOM_DROP: u32 = 2u;
const SELECT_ADAPTIVE: u32 = 3u;
const SELECT_HASH: u32 = 4u;
const SELECT_EXPERT_CHOICE: u32 = 5u;

const GATE_SOFTMAX: u32 = 0u;
const GATE_RENORMALIZED: u32 = 1u;
const GATE_RENORMALIZED_WITH_NULL: u32 = 2u;
const GATE_RENORMALIZED_WITHOUT_ZERO: u32 = 3u;
const GATE_UNIFORM: u32 = 4u;

// Slots of a token by a layer's policy, or by its confidence.
const POLICY_TOP_1: u32 = 1u;
const POLICY_TOP_2: u32 = 2u;
const POLICY_TOP_3: u32 = 3u;
const POLICY_DYNAMIC: u32 = 4u;
