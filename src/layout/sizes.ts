/** Sizes that whoever lays out, binds or counts the GPU's buffers has in common. */

/** Bindings start at multiples of this many bytes (WebGPU's default limit, for storage and uniforms). */
export const BIND_ALIGNMENT = 256;

/** Parameters that are bound together start at multiples of this many floats. */
export const GROUP_ALIGNMENT = BIND_ALIGNMENT / 4;

/** Floats that share a flag of weight decay: groups of parameters start at multiples of it. */
export const DECAY_BLOCK = 64;

/** Most training steps in one submit. */
export const MAX_GROUP = 8;

/** n rounded up to a multiple of 4: rows are padded so that kernels can load vec4. */
export function pad4(n: number): number {
  return Math.ceil(n / 4) * 4;
}

/** Bytes rounded up so that another binding may start there. */
export function alignBind(bytes: number): number {
  return Math.ceil(bytes / BIND_ALIGNMENT) * BIND_ALIGNMENT;
}

/** Floats rounded up so that another group of parameters may start there. */
export function alignGroup(floats: number): number {
  return Math.ceil(floats / GROUP_ALIGNMENT) * GROUP_ALIGNMENT;
}

/** Words of the flags of weight decay for so many floats, one bit per block. */
export function decayWords(floats: number): number {
  return Math.ceil(floats / DECAY_BLOCK / 32);
}
