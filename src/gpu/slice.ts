import { BIND_ALIGNMENT } from '../layout/sizes.ts';

/** A labelled range of a GPU buffer: what a kernel binds. Offsets and sizes in bytes. */
export interface Slice {
  readonly label: string;
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly size: number;
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
