import { createStore, type StoreApi } from 'zustand/vanilla';
import { SCALARS, type ScalarName } from '../config/telemetry.ts';
import type { MetricLog } from './metricLog.ts';

/** Runs that are kept at most. */
export const MAX_KEPT = 12;
/** Colours that kept runs take in turn. */
export const KEPT_COLORS = 6;

/** Scalars of a run by name, each from `firstStep` on [steps]; NaN where a step has none. */
export type Columns = Partial<Record<ScalarName, Float32Array>>;

/** What of a run is drawn: from a run of this page, or from a file. */
export interface Curves {
  /** Step of the first row. */
  firstStep: number;
  columns: Columns;
  validation: readonly { step: number; ce: number }[];
}

/** A run that was set aside, to be drawn beside the live one. It never changes but for its look. */
export interface KeptRun extends Curves {
  id: string;
  name: string;
  /** Place in the palette, 0 … `KEPT_COLORS` − 1. */
  color: number;
  isVisible: boolean;
  /** Tokens of a batch; null where nobody knows. */
  tokensPerStep: number | null;
  /** The experiment as a link's fragment; null where nobody knows. */
  link: string | null;
}

/** Where kept runs outlast the page. */
export interface KeptStorage {
  all(): Promise<readonly KeptRun[]>;
  put(run: KeptRun): Promise<void>;
  remove(id: string): Promise<void>;
}

export type NewRun = Pick<KeptRun, 'name' | 'tokensPerStep' | 'link'> & Curves;
export type KeptLook = Pick<KeptRun, 'name' | 'color' | 'isVisible'>;

export interface KeptState {
  /** In the order in which they were kept. */
  runs: readonly KeptRun[];
  /** @throws RangeError when there are `MAX_KEPT` already */
  keep(run: NewRun): void;
  change(id: string, look: Partial<KeptLook>): void;
  remove(id: string): void;
  /** Adds what the storage holds; runs of later visits come behind. */
  restore(): Promise<void>;
}

export type KeptStore = StoreApi<KeptState>;

/** The curves of a log as they stand, in arrays of their own. */
export function curvesOf(metrics: MetricLog, validation: Curves['validation']): Curves {
  const columns: Columns = {};
  for (const name of SCALARS) columns[name] = metrics.column(name).slice();
  return {
    firstStep: metrics.firstStep,
    columns,
    validation: validation.map(({ step, ce }) => ({ step, ce })),
  };
}

/** Steps of a run's curves. */
export function stepsKept({ columns }: Curves): number {
  return Math.max(0, ...Object.values(columns).map((values) => values.length));
}

/** The first colour that the fewest runs have. */
function freeColor(runs: readonly KeptRun[]): number {
  const uses = Array.from(
    { length: KEPT_COLORS },
    (_, color) => runs.filter((run) => run.color === color).length,
  );
  return uses.indexOf(Math.min(...uses));
}

/**
 * Runs beside the live one.
 * @param onFailure hears why the storage did not take or give a run; the page shows it all the same
 */
export function createKeptStore(
  storage: KeptStorage | null,
  onFailure: (error: unknown) => void,
): KeptStore {
  return createStore<KeptState>()((set, get) => {
    const store = (run: KeptRun) => {
      storage?.put(run).catch(onFailure);
    };
    return {
      runs: [],
      keep(run) {
        const { runs } = get();
        if (runs.length >= MAX_KEPT)
          throw new RangeError(`${runs.length} runs are kept already; at most ${MAX_KEPT}`);
        const color = freeColor(runs);
        const kept = { ...run, id: crypto.randomUUID(), color, isVisible: true };
        set({ runs: [...runs, kept] });
        store(kept);
      },
      change(id, look) {
        set({ runs: get().runs.map((run) => (run.id === id ? { ...run, ...look } : run)) });
        const changed = get().runs.find((run) => run.id === id);
        if (changed !== undefined) store(changed);
      },
      remove(id) {
        set({ runs: get().runs.filter((run) => run.id !== id) });
        storage?.remove(id).catch(onFailure);
      },
      async restore() {
        try {
          const stored = (await storage?.all()) ?? [];
          set({ runs: [...stored, ...get().runs] });
        } catch (error) {
          onFailure(error);
        }
      },
    };
  });
}
