import { countedCalls, uncapturedError } from './calls.ts';
import { heapBytes } from './heap.ts';
import type { CallCounts, Library, Session, Work } from './subject.ts';

/**
 * Measures one library: the code is the same in a worker and in Node.
 * @param startedAt when the worker began, on the clock of `performance.now`
 */
export function createSession(library: Library, startedAt: number): Session {
  const calls = countedCalls();
  // In Node, one session after another shares the thread and what is counted there.
  const bytesBefore = calls.bytes;
  const works = new Map<number, Work>();
  let nextId = 1;
  let opened: Promise<string> | null = null;
  const open = () => {
    opened ??= library.open();
    return opened;
  };
  const workOf = (id: number) => {
    const work = works.get(id);
    if (!work) throw new RangeError(`session: no work has the number ${id}`);
    return work;
  };
  return {
    open,

    async prepare(spec, runs) {
      await open();
      const work = await library.prepare(spec);
      const values: number[] = [];
      let firstMs = Number.NaN;
      for (let run = 0; run < runs; run++) {
        await work.run(1);
        if (run === 0) firstMs = performance.now() - startedAt;
        values.push(await work.value());
        refuseErrors();
      }
      const id = nextId++;
      works.set(id, work);
      return { id, values, firstMs };
    },

    async measure(id, times) {
      const work = workOf(id);
      const before = { ...calls };
      const start = performance.now();
      await work.run(times);
      const ms = (performance.now() - start) / times;
      refuseErrors();
      const counts = perRun(before, calls, times);
      return { ms, counts: { ...counts, bytes: calls.bytes - bytesBefore } };
    },

    async profile(id, steps) {
      const report = await workOf(id).profile?.(steps);
      if (!report) throw new Error('session: this work has no profile');
      return report;
    },

    heapBytes: async () => heapBytes(),

    async release(id) {
      workOf(id).destroy();
      works.delete(id);
    },
  };
}

/** @throws Error with what WebGPU reported: what ran then was not the work */
function refuseErrors(): void {
  const error = uncapturedError();
  if (error !== null) throw new Error(`WebGPU refused a command: ${error}`);
}

function perRun(before: CallCounts, after: Readonly<CallCounts>, times: number) {
  const each = (name: keyof CallCounts) => (after[name] - before[name]) / times;
  return {
    dispatches: each('dispatches'),
    submits: each('submits'),
    objects: each('objects'),
    buffersMade: each('buffersMade'),
    maps: each('maps'),
  };
}
