import { createStore, type StoreApi } from 'zustand/vanilla';
import { type PageBenchmark, type PageBenchmarkSize, runBenchmark } from '../worker/benchmark.ts';
import type { RunState, RunStore } from './runStore.ts';

export type { PageBenchmark, PageBenchmarkSize };

export interface BenchmarkValues {
  /** Under way: parts done of all, and what was measured last. */
  taking: { done: number; of: number; says: string } | null;
  /** The last one that was finished. */
  result: PageBenchmark | null;
  /** Why the last one was not. */
  failure: string | null;
}

/** The benchmark as the page holds it. No command rejects: what goes wrong is in `failure`. */
export interface Benchmark {
  readonly store: StoreApi<BenchmarkValues>;
  /** Measures, unless a run trains; null when it was stopped or failed. */
  start(size: PageBenchmarkSize): Promise<PageBenchmark | null>;
  /** Ends it; nothing is kept of it. */
  stop(): void;
}

/** Why the device cannot be measured now; null where it can. */
export function benchmarkObstacle({ phase, adapter }: RunState): string | null {
  if (adapter === null) return 'There is no adapter';
  if (phase === 'opening') return 'The run opens';
  return phase === 'running' ? 'The run trains: pause it first' : null;
}

const STOPPED = new Error('stopped');
const DISTURBED = new Error(
  'The benchmark was ended because a run began: beside it, its times would have been wrong.',
);

/** @param run what the benchmark must not disturb: it ends as soon as a run trains */
export function createBenchmark(
  run: RunStore,
  measure: typeof runBenchmark = runBenchmark,
): Benchmark {
  const store = createStore<BenchmarkValues>()(() => ({
    taking: null,
    result: null,
    failure: null,
  }));
  let abort: AbortController | null = null;

  function watch(): Parameters<typeof runBenchmark>[1] {
    const set = (part: Partial<NonNullable<BenchmarkValues['taking']>>) =>
      store.setState(({ taking }) => ({ taking: taking && { ...taking, ...part } }));
    return { log: (says) => set({ says }), advance: (done, of) => set({ done, of }) };
  }

  async function take(size: PageBenchmarkSize, controller: AbortController) {
    const stopWatching = run.subscribe((state) => {
      if (benchmarkObstacle(state) !== null) controller.abort(DISTURBED);
    });
    try {
      const result = await measure(size, watch(), controller.signal);
      store.setState({ result });
      return result;
    } catch (error) {
      const says = error instanceof Error ? error.message : String(error);
      if (error !== STOPPED) store.setState({ failure: says });
      return null;
    } finally {
      stopWatching();
    }
  }

  return {
    store,
    async start(size) {
      if (abort !== null) return null;
      const failure = benchmarkObstacle(run.getState());
      store.setState({ failure });
      if (failure !== null) return null;
      abort = new AbortController();
      store.setState({ taking: { done: 0, of: 1, says: 'The kernels are compiled' } });
      const result = await take(size, abort);
      abort = null;
      store.setState({ taking: null });
      return result;
    },
    stop: () => abort?.abort(STOPPED),
  };
}
