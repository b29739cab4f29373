import { proxy, type Remote, wrap } from 'comlink';
import type { FileRun } from '../../../state/csv/read.ts';

export type { FileRun } from '../../../state/csv/read.ts';

/** Largest file that is read, in bytes. */
export const MAX_FILE_BYTES = 32_000_000;

interface ReaderThread {
  read(file: Blob, name: string, onProgress: (part: number) => void): Promise<FileRun[]>;
}

/**
 * The curves of a CSV file, read away from the page's thread; on it where there are no workers.
 * @param signal gives the reading up; the promise then rejects with its reason
 * @throws RangeError for a file above `MAX_FILE_BYTES`, before it is read, and as `readCurves`
 */
export async function readAway(
  file: File,
  onProgress: (part: number) => void,
  signal: AbortSignal,
): Promise<FileRun[]> {
  if (file.size > MAX_FILE_BYTES) {
    const count = (n: number) => n.toLocaleString('en');
    throw new RangeError(
      `it has ${count(file.size)} bytes; at most ${count(MAX_FILE_BYTES)} are read`,
    );
  }
  if (typeof Worker === 'undefined') {
    const { readCurves } = await import('../../../state/csv/read.ts');
    return readCurves(file, file.name, onProgress);
  }
  // Vite finds the worker by this very form.
  const worker = new Worker(new URL('./csv.worker.ts', import.meta.url), {
    type: 'module',
    name: 'csv',
  });
  try {
    const stopped = new Promise<never>((_, reject) => {
      worker.addEventListener('error', ({ message }) => reject(new Error(message)));
      signal.addEventListener('abort', () => reject(signal.reason));
    });
    const thread: Remote<ReaderThread> = wrap<ReaderThread>(worker);
    return await Promise.race([thread.read(file, file.name, proxy(onProgress)), stopped]);
  } finally {
    worker.terminate();
  }
}
