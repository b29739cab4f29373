import { type Remote, wrap } from 'comlink';
import {
  type Refusal,
  type Solution,
  type SolveRequest,
  solve,
} from '../../../accounting/solver.ts';

export type Solved = Solution | Refusal;

/** Solves requests away from the page's thread; a new request gives up the one before. */
export interface Solver {
  /** Resolves with null where another request took its place. */
  solve(request: SolveRequest): Promise<Solved | null>;
  close(): void;
}

interface SolverThread {
  solve(request: SolveRequest): Solved;
}

/** A solver in a worker; where there are none, on the page's thread after it was drawn. */
export function createSolver(): Solver {
  let worker: Worker | null = null;
  let latest = 0;

  function stop(): void {
    worker?.terminate();
    worker = null;
  }

  function inWorker(request: SolveRequest): Promise<Solved> {
    stop();
    // Vite finds the worker by this very form.
    const started = new Worker(new URL('./solve.worker.ts', import.meta.url), {
      type: 'module',
      name: 'solver',
    });
    worker = started;
    const thread: Remote<SolverThread> = wrap<SolverThread>(started);
    const failed = new Promise<never>((_, reject) => {
      started.addEventListener('error', ({ message }) => reject(new Error(message)));
    });
    return Promise.race([thread.solve(request), failed]);
  }

  function later(request: SolveRequest): Promise<Solved> {
    return new Promise((resolve) => setTimeout(() => resolve(solve(request))));
  }

  return {
    // The promise of a solver that was stopped never settles; nothing holds on to it.
    async solve(request) {
      const id = ++latest;
      const solved = await (typeof Worker === 'undefined' ? later(request) : inWorker(request));
      if (id !== latest) return null;
      stop();
      return solved;
    },
    close() {
      latest++;
      stop();
    },
  };
}
