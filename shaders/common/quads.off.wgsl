// Four neighbours load for themselves: the prelude in place of quads.on where there are no subgroups.
const HAS_QUADS = false;

fn of_quad(mine: vec4f) -> mat4x4f { return mat4x4f(); }
