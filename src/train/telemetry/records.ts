import { type StepRecords, TELEMETRY_FIELDS } from '../../config/telemetry.ts';

/** The memory of records, to be transferred with an event instead of copied. */
export function recordBuffers({ scalars, layers }: StepRecords): ArrayBuffer[] {
  const arrays = layers.flatMap((layer) => TELEMETRY_FIELDS.map(({ name }) => layer[name]));
  const buffers = [scalars, ...arrays].map(({ buffer }) => buffer);
  return [...new Set(buffers.filter((buffer) => buffer instanceof ArrayBuffer))];
}
