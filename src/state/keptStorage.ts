import { createStore, del, entries, set } from 'idb-keyval';
import type { KeptRun, KeptStorage } from './keptRuns.ts';

/** A run with the time at which it was kept, which gives their order. */
interface Entry {
  keptAt: number;
  run: KeptRun;
}

/** Kept runs in the browser's own database; null where the browser has or allows none. */
export function keptStorageOf(page: Window): KeptStorage | null {
  if (!('indexedDB' in page)) return null;
  const table = createStore('switchyard', 'keptRuns');
  const times = new Map<string, number>();
  return {
    async all() {
      const stored = (await entries<string, Entry>(table)).map(([, entry]) => entry);
      stored.sort((a, b) => a.keptAt - b.keptAt);
      for (const { keptAt, run } of stored) times.set(run.id, keptAt);
      return stored.map(({ run }) => run);
    },
    async put(run) {
      const keptAt = times.get(run.id) ?? Date.now();
      times.set(run.id, keptAt);
      await set(run.id, { keptAt, run } satisfies Entry, table);
    },
    remove: (id) => del(id, table),
  };
}
