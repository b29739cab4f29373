import type { Deleted, Library } from '../../src/runs/library.ts';
import type { DamagedRun, RunParts, RunRow } from '../../src/runs/record.ts';

export interface FakeLibrary extends Library {
  /** Names of the calls with their first argument, in order. */
  readonly calls: (readonly [name: string, of?: unknown])[];
  /** The next call of this name rejects. */
  failNext(name: keyof Library | keyof Deleted, message: string): void;
  /** A run goes on, as another tab or the trainer would have it. */
  goOn(row: RunRow, parts: RunParts): void;
}

type Stored = { row: RunRow; parts: RunParts };

/** A library in memory that says what it was asked. */
export function fakeLibrary(
  runs: readonly Stored[] = [],
  damaged: readonly DamagedRun[] = [],
): FakeLibrary {
  const stored = new Map(runs.map((run) => [run.row.id, run]));
  const listeners = new Set<(ids: readonly string[]) => void>();
  const failures = new Map<string, string>();
  const calls: (readonly [string, unknown?])[] = [];
  let isPersistent: boolean | null = null;

  const tell = (ids: readonly string[]) => {
    for (const listener of listeners) listener(ids);
  };
  async function call<T>(name: string, of: unknown, work: () => T): Promise<T> {
    calls.push([name, of]);
    const failure = failures.get(name);
    failures.delete(name);
    if (failure !== undefined) throw new Error(failure);
    return work();
  }
  const runOf = (id: string): Stored => {
    const run = stored.get(id);
    if (run === undefined) throw new RangeError(`no run "${id}"`);
    return run;
  };
  const changeRow = (id: string, change: Partial<RunRow>) => {
    const { row, parts } = runOf(id);
    stored.set(id, { row: { ...row, ...change }, parts });
    tell([id]);
  };
  const remove = (ids: readonly string[]): Deleted => {
    const names = damaged.filter(({ id }) => ids.includes(id));
    damaged = damaged.filter((one) => !names.includes(one));
    const gone = ids.flatMap((id) => (names.some((one) => one.id === id) ? [] : runOf(id)));
    for (const id of ids) stored.delete(id);
    tell(ids);
    return {
      rows: [...gone.map(({ row }) => row), ...names],
      restore: () =>
        call('restore', ids, () => {
          damaged = [...damaged, ...names];
          for (const run of gone) stored.set(run.row.id, run);
        }),
      forget: () => call('forget', ids, () => undefined),
    };
  };
  return {
    calls,
    failNext: (name, message) => failures.set(name, message),
    goOn(row, parts) {
      stored.set(row.id, { row, parts });
      tell([row.id]);
    },
    rows: () =>
      call('rows', undefined, () =>
        [...stored.values()].map(({ row }) => row).sort((a, b) => b.begunAt - a.begunAt),
      ),
    damaged: async () => damaged,
    raw: (id) =>
      call('raw', id, () => ({ row: id, tables: {}, seriesNames: [], checkpoints: new Map() })),
    row: (id) => call('row', id, () => stored.get(id)?.row ?? null),
    curves: (id) => call('curves', id, () => runOf(id).parts.curves),
    parts: (id) => call('parts', id, () => runOf(id).parts),
    // As the fake trainer reads them.
    checkpoint: (id, step) =>
      call('checkpoint', [id, step], () =>
        new TextEncoder().encode(JSON.stringify({ step, experiment: runOf(id).row.experiment })),
      ),
    ownText: (hash) => call('ownText', hash, () => null),
    put: (row, parts) => call('put', row.id, () => void stored.set(row.id, { row, parts })),
    append: (row) => call('append', row.id, () => undefined),
    putProbes: (id, probes) =>
      call('putProbes', id, () => {
        const { row, parts } = runOf(id);
        stored.set(id, { row, parts: { ...parts, probes: [...parts.probes, probes] } });
      }),
    putCheckpoint: (id) => call('putCheckpoint', id, () => undefined),
    pin: (id, step, isPinned) =>
      call('pin', [id, step, isPinned], () => {
        const checkpoints = runOf(id).row.checkpoints.map((one) =>
          one.step === step ? { ...one, isPinned } : one,
        );
        changeRow(id, { checkpoints });
      }),
    removeCheckpoint: (id, step) =>
      call('removeCheckpoint', [id, step], () => {
        const checkpoints = runOf(id).row.checkpoints.filter((one) => one.step !== step);
        changeRow(id, { checkpoints });
      }),
    change: (id, change) => call('change', id, () => changeRow(id, change)),
    remove: (ids) => call('remove', ids, () => remove(ids)),
    use: () =>
      call('use', undefined, () => ({ used: 12_900_000, allowed: 2_000_000_000, isPersistent })),
    persist: () =>
      call('persist', undefined, () => {
        isPersistent = true;
        return true;
      }),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
