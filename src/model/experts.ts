import type { GpuMemory } from '../gpu/memory.ts';
import type { Slice } from '../gpu/slice.ts';
import { denseTable, type RowTableShape, tableWords } from '../kernels/rowTable.ts';
import { pad4 } from '../layout/sizes.ts';
import type { NetworkContext } from './context.ts';

/** Uploads words into a new buffer. */
export function constantBuffer(memory: GpuMemory, label: string, words: Uint32Array): Slice {
  const slice = memory.storage(label, words.byteLength, 'other');
  memory.device.queue.writeBuffer(slice.buffer, 0, words as Uint32Array<ArrayBuffer>);
  return slice;
}

/** (F4, gate, up, down offsets in vec4) of every expert, in the order of the group's parameters. */
export function expertRecords(hidden: readonly number[], D: number): Uint32Array {
  const words = new Uint32Array(Math.max(hidden.length, 1) * 4);
  let offset = 0;
  hidden.forEach((F, e) => {
    const size = (pad4(F) * pad4(D)) / 4;
    words.set([pad4(F) / 4, offset, offset + size, offset + 2 * size], e * 4);
    offset += 3 * size;
  });
  return words;
}

/** Row table and saved pre-activations of one set of experts. */
export interface ExpertStore {
  shape: RowTableShape;
  table: Slice;
  experts_E: Slice;
  gate_up_JF: Slice;
  y_JD: Slice;
}

/** Buffers of a set of experts; `dense` writes the table once, for T rows of one expert. */
export function expertStore(
  { memory, scratch }: NetworkContext,
  label: string,
  shape: RowTableShape,
  dense: boolean,
): ExpertStore {
  const { D, hidden, maxRows } = shape;
  const Fmax = pad4(Math.max(0, ...hidden));
  const store = (name: string, floats: number) =>
    memory.storage(`${label}:${name}`, floats * 4, 'activations');
  scratch.reserve('hidden_JF', maxRows * Fmax);
  scratch.reserve('dm_JD', maxRows * pad4(D));
  return {
    shape,
    table: dense
      ? constantBuffer(memory, `${label}:table`, denseTable(shape))
      : memory.storage(`${label}:table`, tableWords(shape) * 4, 'other'),
    experts_E: constantBuffer(memory, `${label}:experts_E`, expertRecords(hidden, D)),
    gate_up_JF: store('gate_up_JF', maxRows * 2 * Fmax),
    y_JD: store('y_JD', hidden.length > 0 ? maxRows * pad4(D) : 4),
  };
}
