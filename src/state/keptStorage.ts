import { createStore, del, get, keys, set } from 'idb-keyval';
import type { ScalarName } from '../config/telemetry.ts';
import { curveThrough } from './curve.ts';
import type { Columns, KeptRun, KeptStorage } from './keptRuns.ts';

/** A run as version 0.1 stored it: a value at every step from `firstStep` on, NaN for missing ones. */
export interface DenseRun extends Omit<KeptRun, 'columns' | 'resumedAt' | 'repeated'> {
  firstStep: number;
  columns: Partial<Record<ScalarName, Float32Array>>;
  validation: readonly { step: number; ce: number }[];
}

/** A run with the time at which it was kept, which gives their order. */
interface Entry {
  keptAt: number;
  run: KeptRun | DenseRun;
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

/** Kept runs in the browser's own database; null where the browser has or allows none. */
export function keptStorageOf(page: Window): KeptStorage | null {
  if (!('indexedDB' in page)) return null;
  const table = createStore('switchyard', 'keptRuns');
  const times = new Map<string, number>();
  return {
    async all() {
      const stored: Entry[] = [];
      // One after the other: runs may be large, and each is copied in a task of its own.
      for (const id of await keys<string>(table)) {
        const entry = await get<Entry>(id, table);
        if (entry !== undefined) stored.push(entry);
      }
      stored.sort((a, b) => a.keptAt - b.keptAt);
      for (const { keptAt, run } of stored) times.set(run.id, keptAt);
      return stored.map(({ run }) => runOfStored(run));
    },
    async put(run) {
      const keptAt = times.get(run.id) ?? Date.now();
      times.set(run.id, keptAt);
      await set(run.id, { keptAt, run } satisfies Entry, table);
    },
    remove: (id) => del(id, table),
  };
}
