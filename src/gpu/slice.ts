/** A labelled range of a GPU buffer: what a kernel binds. Offsets and sizes in bytes. */
export interface Slice {
  readonly label: string;
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly size: number;
}

/** Storage bindings start at multiples of this many bytes (WebGPU's default limit). */
export const BIND_ALIGNMENT = 256;

/** n rounded up to a multiple of 4: rows are padded so that kernels can load vec4. */
export function pad4(n: number): number {
  return (n + 3) & ~3;
}

/** Bytes rounded up so that another binding may start there. */
export function alignBind(bytes: number): number {
  return Math.ceil(bytes / BIND_ALIGNMENT) * BIND_ALIGNMENT;
}

/** The part of a slice from `offset` bytes on, `size` bytes long. */
export function subslice(slice: Slice, label: string, offset: number, size: number): Slice {
  if (offset % BIND_ALIGNMENT !== 0 || offset + size > slice.size) {
    throw new RangeError(
      `${label}: bytes ${offset}…${offset + size} do not fit ${slice.label} of ${slice.size} bytes at multiples of ${BIND_ALIGNMENT}`,
    );
  }
  return { label, buffer: slice.buffer, offset: slice.offset + offset, size };
}
