import { createStore, delMany, get, keys, set, type UseStore } from 'idb-keyval';
import type { ScalarName } from '../config/telemetry.ts';
import { type Curve, curveThrough } from './curve.ts';
import type { Columns, KeptRun, KeptStorage, Quantity } from './keptRuns.ts';

/** A run as version 0.1 stored it: a value at every step from `firstStep` on, NaN for missing ones. */
export interface DenseRun extends Omit<KeptRun, 'columns' | 'resumedAt' | 'repeated'> {
  firstStep: number;
  columns: Partial<Record<ScalarName, Float32Array>>;
  validation: readonly { step: number; ce: number }[];
}

/**
 * A run with the time at which it was kept, which gives their order. Its curves' numbers are stored
 * beside it, each array under a key of its own: a change of its look does not write them again, and
 * no task copies all of a large run.
 */
interface Entry {
  keptAt: number;
  run: KeptRun | DenseRun;
  /** Quantities whose curves stand in keys of their own; absent where they are in `run`. */
  parts?: { quantity: Quantity; firstStep: number; hasSteps: boolean }[];
}

type Part = 'steps' | 'values';

/** Key of an array of a run. */
function keyOf(id: string, quantity: Quantity, part: Part): string {
  return `${id} ${quantity} ${part}`;
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** A stored run in today's form. A run of this page has a link, and no step without a value. */
export function runOfStored(run: KeptRun | DenseRun): KeptRun {
  if (!('firstStep' in run)) return run;
  const { firstStep, validation, ...rest } = run;
  const columns: Columns = {};
  for (const name of Object.keys(run.columns) as ScalarName[]) {
    const values = run.columns[name]!;
    columns[name] =
      run.link === null
        ? curveThrough(
            [...values.entries()]
              .filter(([, value]) => !Number.isNaN(value))
              .map(([i, value]) => [firstStep + i, value]),
          )
        : { firstStep, steps: null, values };
  }
  if (validation.length > 0)
    columns.validation = curveThrough(validation.map(({ step, ce }) => [step, ce]));
  return { ...rest, columns, resumedAt: [], repeated: 0 };
}

/** Writes a run's arrays, one in each task. */
async function putArrays({ id, columns }: KeptRun, table: UseStore): Promise<void> {
  for (const quantity of quantitiesOf(columns)) {
    const { steps, values } = columns[quantity]!;
    for (const [part, array] of [
      ['values', values],
      ['steps', steps],
    ] as const) {
      if (array === null) continue;
      await nextTask();
      await set(keyOf(id, quantity, part), array, table);
    }
  }
}

/** A run with the arrays that belong to it. */
async function assembled({ run, parts }: Entry, table: UseStore): Promise<KeptRun> {
  const whole = runOfStored(run);
  if (parts === undefined) return whole;
  const columns: Columns = {};
  for (const { quantity, firstStep, hasSteps } of parts) {
    const values = await get<Curve['values']>(keyOf(whole.id, quantity, 'values'), table);
    const steps = hasSteps
      ? await get<Float64Array>(keyOf(whole.id, quantity, 'steps'), table)
      : null;
    if (values !== undefined && steps !== undefined)
      columns[quantity] = { firstStep, steps, values };
  }
  return { ...whole, columns };
}

function quantitiesOf(columns: Columns): Quantity[] {
  return (Object.keys(columns) as Quantity[]).filter((name) => columns[name] !== undefined);
}

function entryOf(run: KeptRun, keptAt: number): Entry {
  const parts = quantitiesOf(run.columns).map((quantity) => {
    const { firstStep, steps } = run.columns[quantity]!;
    return { quantity, firstStep, hasSteps: steps !== null };
  });
  return { keptAt, run: { ...run, columns: {} }, parts };
}

/** Kept runs in the browser's own database; null where the browser has or allows none. */
export function keptStorageOf(page: Window): KeptStorage | null {
  if (!('indexedDB' in page)) return null;
  const table = createStore('switchyard', 'keptRuns');
  const times = new Map<string, number>();
  /** Curves that are in the database or on their way, by run: they never change. */
  const written = new Map<string, Promise<void>>();
  return {
    async all() {
      const entries: Entry[] = [];
      const all = await keys<string>(table);
      for (const id of all.filter((key) => !key.includes(' '))) {
        const entry = await get<Entry>(id, table);
        if (entry !== undefined) entries.push(entry);
      }
      entries.sort((a, b) => a.keptAt - b.keptAt);
      const ids = new Set(entries.map(({ run }) => run.id));
      const orphans = all.filter((key) => key.includes(' ') && !ids.has(key.split(' ')[0] ?? ''));
      if (orphans.length > 0) await delMany(orphans, table);
      const runs: KeptRun[] = [];
      for (const entry of entries) {
        const run = await assembled(entry, table);
        times.set(run.id, entry.keptAt);
        if (entry.parts !== undefined) written.set(run.id, Promise.resolve());
        runs.push(run);
      }
      return runs;
    },
    async put(run) {
      const keptAt = times.get(run.id) ?? Date.now();
      times.set(run.id, keptAt);
      const writing = written.get(run.id) ?? putArrays(run, table);
      written.set(run.id, writing);
      await writing;
      // Deleted meanwhile: what was written goes with the next visit.
      if (times.has(run.id)) await set(run.id, entryOf(run, keptAt), table);
    },
    async remove(id) {
      times.delete(id);
      written.delete(id);
      const own = (await keys<string>(table)).filter((key) => key.split(' ')[0] === id);
      await delMany(own, table);
    },
  };
}
