/** The page's end of the thread that reads and writes files of runs. Loaded on first use. */
import { proxy, type Remote, wrap } from 'comlink';
import type { FilesThread } from './thread.ts';

/** A thread for one file; `close` ends it. */
export interface OpenThread {
  thread: FilesThread;
  /** Rejects when the thread itself fails. */
  failed: Promise<never>;
  close(): void;
}

export function openFilesWorker(): OpenThread {
  // Vite finds the worker by this very form.
  const worker = new Worker(new URL('./files.worker.ts', import.meta.url), {
    type: 'module',
    name: 'files',
  });
  const failed = new Promise<never>((_, reject) => {
    worker.addEventListener('error', ({ message }) => reject(new Error(message)));
  });
  const remote: Remote<FilesThread> = wrap<FilesThread>(worker);
  return {
    thread: {
      read: (file) => remote.read(file),
      parts: (i) => remote.parts(i),
      checkpoint: (i, step) => remote.checkpoint(i, step),
      ownText: (i) => remote.ownText(i),
      readForeign: (bytes) => remote.readForeign(bytes),
      asCheckpoint: (answers) => remote.asCheckpoint(answers),
      writeRaw: (id, raw) => remote.writeRaw(id, raw),
      write: (rows, runs, options) => remote.write(rows, proxy(runs), options),
    },
    failed,
    close: () => worker.terminate(),
  };
}
