// Prelude in place of common/lanes: an invocation has an output to itself.
const LANES: u32 = 1u;
const OUTPUTS: u32 = 64u / LANES;

fn lanes_sum(local: u32, value: vec4f) -> vec4f { return value; }
