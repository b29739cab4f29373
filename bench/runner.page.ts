import { wrap } from 'comlink';
import type { OpenSession, Runner } from './runner.ts';
import type { Session } from './subject.ts';

/** The page that is open: every session is a worker of it, with a device of its own. */
export interface PageRunner extends Runner {
  /** Rejects when a worker stops by itself: what it was asked then has no answer. */
  readonly failed: Promise<never>;
}

export function pageRunner(): PageRunner {
  const workers = new Set<Worker>();
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // Heard or not: a worker that stops after the end is nobody's loss.
  failed.catch(() => undefined);
  const start = async (): Promise<OpenSession> => {
    const worker = new Worker(new URL('./ours/worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('error', ({ message }) => {
      fail(new Error(`The benchmark's worker stopped: ${message || 'unknown reason'}`));
    });
    workers.add(worker);
    const session = wrap<Session>(worker);
    const close = async () => {
      worker.terminate();
      workers.delete(worker);
    };
    return {
      open: () => session.open(),
      prepare: (spec, runs) => session.prepare(spec, runs),
      measure: (id, times) => session.measure(id, times),
      profile: (id, steps) => session.profile(id, steps),
      heapBytes: () => session.heapBytes(),
      release: (id) => session.release(id),
      close,
    };
  };
  return {
    name: 'page',
    start,
    failed,
    async close() {
      for (const worker of workers) worker.terminate();
      workers.clear();
    },
  };
}
