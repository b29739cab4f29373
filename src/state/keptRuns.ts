import { createStore, type StoreApi } from 'zustand/vanilla';
import { SCALARS, type ScalarName } from '../config/telemetry.ts';
import { type Curve, curveThrough } from './curve.ts';
import type { MetricLog } from './metricLog.ts';

/** Runs that are kept at most. */
export const MAX_KEPT = 12;
/** What the run before the live one is called; no kept run has this name. */
export const PREVIOUS_RUN = 'previous run';
/** Colours that kept runs take in turn. */
export const KEPT_COLORS = 6;

/** What of a run is drawn or places it: its scalars, its validation loss, and the tokens it has seen. */
export type Quantity = ScalarName | 'validation' | 'tokens';

export type Columns = Partial<Record<Quantity, Curve>>;

/** The curves of a run: of this page, or from a file. */
export interface Curves {
  columns: Columns;
  /** Steps at which a resumed run began again; what it had logged from there on is left out. */
  resumedAt: readonly number[];
  /** Steps of which the file had several values; the last one counts. */
  repeated: number;
}

/** A run that was set aside, to be drawn beside the live one. It never changes but for its look. */
export interface KeptRun extends Curves {
  id: string;
  name: string;
  /** Place in the palette, 0 … `KEPT_COLORS` − 1. */
  color: number;
  isVisible: boolean;
  /** Tokens of a batch; null where nobody knows, or where `columns.tokens` tells more. */
  tokensPerStep: number | null;
  /** The experiment as a link's fragment; null where nobody knows. */
  link: string | null;
}

/** Where kept runs outlast the page; the list follows what is there (`keptLibrary.ts`). */
export interface KeptStorage {
  /** @param look what a run that has a record takes over: it keeps the name that it has until it is given another one */
  put(run: KeptRun, look: Partial<KeptLook>): Promise<void>;
  remove(id: string): Promise<void>;
}

/** `id`: of the run's record in the library, which then is shown and not copied. */
export type NewRun = Pick<KeptRun, 'name' | 'tokensPerStep' | 'link'> & Curves & { id?: string };
export type KeptLook = Pick<KeptRun, 'name' | 'color' | 'isVisible'>;

export interface KeptState {
  /** In the order in which they were kept. */
  runs: readonly KeptRun[];
  /** @throws RangeError when there are `MAX_KEPT` already */
  keep(run: NewRun): void;
  /** Of two runs of one name the later has a number behind it. */
  change(id: string, look: Partial<KeptLook>): void;
  remove(id: string): void;
}

export type KeptStore = StoreApi<KeptState>;

/** The curves of a log as they stand, in arrays of their own. */
export function curvesOf(
  metrics: MetricLog,
  validation: readonly { step: number; ce: number }[],
): Curves {
  const { firstStep } = metrics;
  const columns: Columns = {};
  for (const name of SCALARS) {
    columns[name] = { firstStep, steps: null, values: metrics.column(name).slice() };
  }
  if (validation.length > 0) {
    columns.validation = curveThrough(validation.map(({ step, ce }) => [step, ce]));
  }
  return { columns, resumedAt: [], repeated: 0 };
}

/** Values of a run's longest curve. */
export function stepsKept({ columns }: Curves): number {
  return Math.max(0, ...Object.values(columns).map(({ values }) => values.length));
}

/** "Run 3, 1,500 steps", with the first number that no kept run has. */
export function nextRunName(runs: readonly Pick<KeptRun, 'name'>[], steps: number): string {
  const taken = new Set(runs.map(({ name }) => /^Run (\d+)\b/.exec(name)?.[1]));
  let number = 1;
  while (taken.has(String(number))) number += 1;
  return `Run ${number}, ${steps.toLocaleString('en')} steps`;
}

/** Names of which the later has a number behind it where another one, or one of `taken`, is the same. */
export function unlike(names: readonly string[], taken: Iterable<string> = []): string[] {
  const all = new Set(taken);
  return names.map((name) => {
    let own = name;
    for (let i = 2; all.has(own); i++) own = `${name} (${i})`;
    all.add(own);
    return own;
  });
}

/** The name itself, with a number behind it where another run is called so. */
function uniqueName(runs: readonly KeptRun[], wanted: string): string {
  return unlike([wanted], [...runs.map(({ name }) => name), PREVIOUS_RUN])[0]!;
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
 * @param onFailure hears why the storage did not take a run; the page shows it all the same
 */
export function createKeptStore(
  storage: KeptStorage | null,
  onFailure: (error: unknown) => void,
): KeptStore {
  return createStore<KeptState>()((set, get) => {
    const store = (run: KeptRun, look: Partial<KeptLook>) => {
      storage?.put(run, look).catch(onFailure);
    };
    return {
      runs: [],
      keep(run) {
        const runs = get().runs.filter(({ id }) => id !== run.id);
        if (runs.length >= MAX_KEPT)
          throw new RangeError(`${runs.length} runs are kept already; at most ${MAX_KEPT}`);
        const color = freeColor(runs);
        const name = uniqueName(runs, run.name);
        const id = run.id ?? crypto.randomUUID();
        const kept = { ...run, name, id, color, isVisible: true };
        set({ runs: [...runs, kept] });
        store(kept, { color, isVisible: true });
      },
      change(id, look) {
        const { runs } = get();
        const others = runs.filter((run) => run.id !== id);
        const named =
          look.name === undefined ? look : { ...look, name: uniqueName(others, look.name) };
        set({ runs: runs.map((run) => (run.id === id ? { ...run, ...named } : run)) });
        const changed = get().runs.find((run) => run.id === id);
        if (changed !== undefined) store(changed, named);
      },
      remove(id) {
        set({ runs: get().runs.filter((run) => run.id !== id) });
        storage?.remove(id).catch(onFailure);
      },
    };
  });
}
