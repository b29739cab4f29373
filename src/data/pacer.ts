import { DataError } from './dataError.ts';

/** Longest stretch of work between two looks at the signal. */
const SLICE_MS = 40;

/** Lets long work in a worker be cancelled: call it often; it resolves at once most of the time. */
export type Pacer = () => Promise<void> | undefined;

/**
 * A pacer that gives way to other messages every `SLICE_MS`.
 *
 * @throws DataError `Cancelled` (from the pacer) once the signal is aborted
 */
export function createPacer(signal: AbortSignal | undefined): Pacer {
  let sliceStart = performance.now();
  const check = () => {
    if (signal?.aborted) throw new DataError('Cancelled', 'Preparing the text was cancelled.');
  };
  const giveWay = async () => {
    await new Promise((resolve) => setTimeout(resolve, 0));
    check();
    sliceStart = performance.now();
  };
  check();
  return () => {
    if (performance.now() - sliceStart < SLICE_MS) return undefined;
    return giveWay();
  };
}
