/** The library of runs as the page shows it: its rows, what is chosen of them, curves when asked for. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { RunRouting } from '../analysis/compare/routing.ts';
import type { ProbesAt } from '../analysis/probes/probesAt.ts';
import type { OwnText } from '../data/ownText.ts';
import { type Deleted, type Library, type StorageUse, UNDO_MS } from '../runs/library.ts';
import type { DamagedRun, RowChange, RunCurves, RunParts, RunRow } from '../runs/record.ts';
import type { Part, Reading } from './libraryReading.ts';
import type { StoredSource } from './storedSource.ts';

export interface LibraryValues {
  /** Whether the rows were read; before, none is known. */
  isRead: boolean;
  /** Latest first. */
  rows: readonly RunRow[];
  /** Runs whose rows cannot be read. */
  damaged: readonly DamagedRun[];
  /** Ids that a person has chosen. */
  selected: ReadonlySet<string>;
  /** Runs under the pointer or the focus, wherever they are pointed at. */
  lit: ReadonlySet<string>;
  /** By id, as far as they were asked for and read. */
  curves: ReadonlyMap<string, RunCurves>;
  routing: ReadonlyMap<string, RunRouting>;
  /** What was deleted last, while it can be taken back. */
  deleted: Deleted | null;
  use: StorageUse | null;
  /** The stored run that the views show in the live one's place; null: the live one. */
  shown: StoredSource | null;
}

export interface LibraryState extends LibraryValues {
  /** Reads all rows, and what the storage holds. */
  read(): Promise<void>;
  select(ids: Iterable<string>): void;
  toggle(id: string): void;
  light(ids: readonly string[]): void;
  /** Reads the curves of some runs, one after the other, those that are not there yet. */
  wantCurves(ids: readonly string[]): Promise<void>;
  /** Reads what the routing of some runs comes to, one after the other. */
  wantRouting(ids: readonly string[]): Promise<void>;
  /** Reads either as above, and again when runs go on, until it is stopped: returns how. */
  follow(part: Part, ids: readonly string[]): () => void;
  change(id: string, change: RowChange): Promise<void>;
  pin(id: string, step: number, isPinned: boolean): Promise<void>;
  removeCheckpoint(id: string, step: number): Promise<void>;
  /** Deletes runs; for ten minutes, or until others are deleted or the page is left, they can come back. */
  remove(ids: readonly string[]): Promise<void>;
  /** Brings back what was deleted last. */
  restore(): Promise<void>;
  /** Frees at once what was deleted last. */
  forget(): Promise<void>;
  /** Puts a run that came from elsewhere. */
  put(row: RunRow, parts: RunParts): Promise<void>;
  /** Stores what a run answered to probe tasks. */
  putProbes(id: string, probes: ProbesAt): Promise<void>;
  /** Everything of a run but its checkpoints; null where it could not be read. */
  parts(id: string): Promise<RunParts | null>;
  ownText(hash: string): Promise<OwnText | null>;
  /** Shows a stored run in all views. */
  show(id: string): Promise<void>;
  /** A stored run as views read it; null where it could not be read, which is told. */
  sourceOf(id: string): Promise<StoredSource | null>;
  /** Back to the live run. */
  hide(): void;
  /** Null where it could not be read. */
  checkpoint(id: string, step: number): Promise<Uint8Array | null>;
  /** Asks the browser to keep everything, once. */
  persist(): Promise<void>;
  /** Stops following the library. */
  close(): void;
}

export type LibraryStore = StoreApi<LibraryState>;

const NOBODY: ReadonlySet<string> = new Set();

const EMPTY: LibraryValues = {
  isRead: false,
  rows: [],
  damaged: [],
  selected: NOBODY,
  lit: NOBODY,
  curves: new Map(),
  routing: new Map(),
  deleted: null,
  use: null,
  shown: null,
};

/** Without the entries of runs that are gone; the same map where none is. */
function onlyThose<V>(map: ReadonlyMap<string, V>, ids: ReadonlySet<string>) {
  const kept = [...map].filter(([id]) => ids.has(id));
  return kept.length === map.size ? map : new Map(kept);
}

/** The answer of the library, or null where there is none or it rejects, which is told. */
type Attempt = <T>(what: string, work: (of: Library) => Promise<T>) => Promise<T | null>;

function attemptOf(library: Library | null, onFailure: (message: string) => void): Attempt {
  return async (what, work) => {
    if (library === null) return null;
    try {
      return await work(library);
    } catch (error) {
      onFailure(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  };
}

type Put = (values: Partial<LibraryValues>) => void;
type Get = () => LibraryState;

/** What is chosen and pointed at. */
function choosing(set: Put, get: Get): Pick<LibraryState, 'select' | 'toggle' | 'light'> {
  return {
    select: (ids) => set({ selected: new Set(ids) }),
    toggle(id) {
      const selected = new Set(get().selected);
      if (!selected.delete(id)) selected.add(id);
      set({ selected });
    },
    light(ids) {
      const { lit } = get();
      const isSame = lit.size === ids.length && ids.every((id) => lit.has(id));
      if (!isSame) set({ lit: ids.length === 0 ? NOBODY : new Set(ids) });
    },
  };
}

/** What changes the library itself. */
function changing(
  set: Put,
  get: Get,
  attempt: Attempt,
): Pick<
  LibraryState,
  | 'change'
  | 'pin'
  | 'removeCheckpoint'
  | 'remove'
  | 'restore'
  | 'forget'
  | 'put'
  | 'putProbes'
  | 'persist'
> {
  let hasAsked = false;
  let withdrawing: ReturnType<typeof setTimeout> | undefined;
  const forget = (deleted: Deleted | null) =>
    attempt('What was deleted still takes its room', async () => deleted?.forget());
  return {
    async change(id, change) {
      // Shown at once: a name that is typed does not wait for the disk.
      set({ rows: get().rows.map((row) => (row.id === id ? { ...row, ...change } : row)) });
      const done = await attempt('The change was not stored', (of) => of.change(id, change));
      // The row as it is.
      if (done === null) await get().read();
      if (change.name !== undefined) await get().persist();
    },
    async pin(id, step, isPinned) {
      await attempt('The checkpoint was not pinned', (of) => of.pin(id, step, isPinned));
      await get().read();
      if (isPinned) await get().persist();
    },
    async removeCheckpoint(id, step) {
      await attempt('The checkpoint was not deleted', (of) => of.removeCheckpoint(id, step));
      await get().read();
    },
    async remove(ids) {
      const before = get().deleted;
      const deleted = await attempt('Nothing was deleted', (of) => of.remove(ids));
      if (deleted !== null) {
        set({ deleted });
        clearTimeout(withdrawing);
        withdrawing = setTimeout(() => {
          if (get().deleted === deleted) void get().forget();
        }, UNDO_MS);
        await forget(before);
      }
      await get().read();
    },
    async restore() {
      const { deleted } = get();
      set({ deleted: null });
      let isThere = false;
      await attempt('They did not come back', async () => {
        await deleted?.restore().catch((error: unknown) => {
          isThere = !(error instanceof RangeError);
          throw error;
        });
      });
      // The way back stays where it failed, unless there is another one by now.
      if (isThere && get().deleted === null) set({ deleted });
      await get().read();
    },
    async forget() {
      const { deleted } = get();
      set({ deleted: null });
      await forget(deleted);
      await get().read();
    },
    async put(row, parts) {
      await attempt(`${row.name} was not stored`, (of) => of.put(row, parts, null));
      await get().read();
    },
    async putProbes(id, probes) {
      await attempt('The answers were not stored', (of) => of.putProbes(id, probes));
    },
    async persist() {
      if (hasAsked || get().use?.isPersistent === true) return;
      hasAsked = true;
      await attempt('The browser was not asked', (of) => of.persist());
      const use = await attempt('How much is stored is not known', (of) => of.use());
      if (use !== null) set({ use });
    },
  };
}

/**
 * @param library null where there is none: no run is listed then
 * @param onFailure hears in a sentence what could not be done
 */
export function createLibraryStore(
  library: Library | null,
  onFailure: (message: string) => void,
): LibraryStore {
  const attempt = attemptOf(library, onFailure);
  let stop: (() => void) | null = null;
  let sought = 0;
  return createStore<LibraryState>()((set, get) => {
    let started: Promise<Reading> | null = null;
    const followed = new Set<{ part: Part; ids: readonly string[] }>();
    /** Loaded when curves are first asked for, or runs change. */
    const reading = () => {
      started ??= import('./libraryReading.ts')
        .then(({ createReading }) =>
          createReading({
            now: get,
            readCurves: (id) => attempt('Curves were not read', (of) => of.curves(id)),
            readParts: (id) => attempt('Routing was not read', (of) => of.parts(id)),
            put: set,
            isFollowed: (part, id) =>
              [...followed].some((one) => one.part === part && one.ids.includes(id)),
          }),
        )
        .catch((error: unknown) => {
          started = null;
          throw error;
        });
      return started;
    };
    return {
      ...EMPTY,
      ...choosing(set, get),
      ...changing(set, get, attempt),
      async read() {
        if (library !== null)
          stop ??= library.subscribe((ids) => {
            // Where its code cannot be loaded, the next change tries again.
            reading()
              .then(({ hear }) => hear(ids))
              .catch(() => undefined);
          });
        const rows = (await attempt('The library was not read', (of) => of.rows())) ?? get().rows;
        const damaged = await attempt('The library was not read', (of) => of.damaged());
        const ids = new Set(rows.map(({ id }) => id));
        const { selected, curves, routing } = get();
        const isWhole = [...selected].every((id) => ids.has(id));
        set({
          rows,
          damaged: damaged ?? [],
          isRead: true,
          selected: isWhole ? selected : new Set([...selected].filter((id) => ids.has(id))),
          curves: onlyThose(curves, ids),
          routing: onlyThose(routing, ids),
        });
        const use = await attempt('How much is stored is not known', (of) => of.use());
        if (use !== null) set({ use });
      },
      async wantCurves(ids) {
        await attempt('Curves were not read', async () => (await reading()).wantCurves(ids));
      },
      async wantRouting(ids) {
        await attempt('Routing was not read', async () => (await reading()).wantRouting(ids));
      },
      follow(part, ids) {
        const own = { part, ids };
        followed.add(own);
        void (part === 'curves' ? get().wantCurves(ids) : get().wantRouting(ids));
        return () => {
          followed.delete(own);
        };
      },
      parts: (id) => attempt('The run was not read', (of) => of.parts(id)),
      ownText: (hash) => attempt('The text was not read', (of) => of.ownText(hash)),
      async sourceOf(id) {
        const row = get().rows.find((row) => row.id === id);
        const experiment = row?.experiment ?? null;
        if (row === undefined || experiment === null) return null;
        return attempt('The run was not read', async (of) => {
          const parts = await of.parts(id);
          const { createStoredSource } = await import('./storedSource.ts');
          return createStoredSource(row, experiment, parts);
        });
      },
      async show(id) {
        sought += 1;
        const now = sought;
        const shown = await get().sourceOf(id);
        // What was asked for last is shown, whichever is read last.
        if (shown !== null && now === sought) set({ shown });
      },
      hide() {
        sought += 1;
        set({ shown: null });
      },
      checkpoint: (id, step) =>
        attempt('The checkpoint was not read', (of) => of.checkpoint(id, step)),
      close: () => stop?.(),
    };
  });
}
