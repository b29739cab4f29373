import type { StepRecords } from './telemetry.ts';

/** The memory of records, to be transferred with an event instead of copied. */
export function recordBuffers({ scalars, layers }: StepRecords): ArrayBuffer[] {
  const arrays = layers.flatMap(({ assignments, drops, meanProb, meanGate, domains }) => [
    assignments,
    drops,
    meanProb,
    meanGate,
    domains,
  ]);
  const buffers = [scalars, ...arrays].map(({ buffer }) => buffer);
  return [...new Set(buffers.filter((buffer) => buffer instanceof ArrayBuffer))];
}
