/** The page of the benchmark: starts workers, and hands on what the command asks them. */
import { type Remote, wrap } from 'comlink';
import type { Session } from './subject.ts';

/** One worker per session; `file` is the name of a built entry. */
export interface BenchPage {
  start(file: string): number;
  session(id: number): Remote<Session>;
  /** JavaScript memory of all workers; null where the browser does not tell it. */
  workerBytes(): Promise<number | null>;
  stop(id: number): void;
}

interface MemoryMeasurement {
  breakdown: { bytes: number; attribution: { scope: string }[] }[];
}

declare global {
  interface Window {
    bench: BenchPage;
  }
  interface Performance {
    /** In cross-origin isolated pages of Chromium. */
    measureUserAgentSpecificMemory?(): Promise<MemoryMeasurement>;
  }
}

const workers = new Map<number, { worker: Worker; session: Remote<Session> }>();
let nextId = 1;

window.bench = {
  start(file) {
    const worker = new Worker(new URL(file, document.baseURI), { type: 'module' });
    worker.addEventListener('error', (event) => console.error(`${file}: ${event.message}`));
    const id = nextId++;
    workers.set(id, { worker, session: wrap<Session>(worker) });
    return id;
  },
  session(id) {
    const started = workers.get(id);
    if (!started) throw new RangeError(`no worker has the number ${id}`);
    return started.session;
  },
  async workerBytes() {
    const measured = await performance.measureUserAgentSpecificMemory?.();
    if (!measured) return null;
    return measured.breakdown
      .filter(({ attribution }) =>
        attribution.some(({ scope }) => scope === 'DedicatedWorkerGlobalScope'),
      )
      .reduce((sum, { bytes }) => sum + bytes, 0);
  },
  stop(id) {
    workers.get(id)?.worker.terminate();
    workers.delete(id);
  },
};
