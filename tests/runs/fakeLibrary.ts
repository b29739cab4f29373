/** A library as simple as can be, for tests of what goes into one. */
import type { OwnText } from '../../src/data/ownText.ts';
import type { Library } from '../../src/runs/library.ts';
import type { RunParts, RunRow } from '../../src/runs/record.ts';

export interface FakeLibrary extends Library {
  readonly texts: ReadonlyMap<string, OwnText>;
  /** Names of the calls that change something, in order. */
  readonly calls: string[];
  /** The next call of this name is refused. */
  failNext(name: string, message: string): void;
}

export function fakeLibrary(): FakeLibrary {
  const runs = new Map<string, { row: RunRow; parts: RunParts }>();
  const checkpoints = new Map<string, Uint8Array>();
  const texts = new Map<string, OwnText>();
  const calls: string[] = [];
  const failures = new Map<string, string>();

  function found(id: string) {
    const run = runs.get(id);
    if (run === undefined) throw new RangeError(`There is no run "${id}" in the library.`);
    return run;
  }

  function called(name: string, ...what: unknown[]): void {
    calls.push([name, ...what].join(' '));
    const message = failures.get(name);
    failures.delete(name);
    if (message !== undefined) throw new Error(message);
  }

  function setRow(id: string, change: Partial<RunRow>): void {
    const run = found(id);
    run.row = { ...run.row, ...change };
  }

  return {
    texts,
    calls,
    failNext: (name, message) => void failures.set(name, message),
    rows: async () => [...runs.values()].map(({ row }) => row),
    damaged: async () => [],
    async raw(id) {
      return { row: found(id).row, tables: {}, seriesNames: [], checkpoints: new Map() };
    },
    row: async (id) => runs.get(id)?.row ?? null,
    curves: async (id) => found(id).parts.curves,
    parts: async (id) => found(id).parts,
    async checkpoint(id, step) {
      const bytes = checkpoints.get(`${id} ${step}`);
      if (bytes === undefined) throw new RangeError(`no checkpoint of step ${step}`);
      return bytes;
    },
    ownText: async (hash) => texts.get(hash) ?? null,
    async put(row, parts, ownText) {
      called('put', row.id);
      runs.set(row.id, { row: { ...row, checkpoints: [] }, parts });
      if (ownText !== null && row.text?.hash) texts.set(row.text.hash, ownText);
    },
    async append() {},
    async putProbes(id, probes) {
      called('putProbes', id, probes.step);
      const run = found(id);
      run.parts = { ...run.parts, probes: [...run.parts.probes, probes] };
    },
    async putCheckpoint(id, step, bytes) {
      called('putCheckpoint', id, step);
      checkpoints.set(`${id} ${step}`, bytes);
      const one = { step, bytes: bytes.length, isPinned: false, at: 0 };
      setRow(id, { checkpoints: [...found(id).row.checkpoints, one] });
    },
    async pin(id, step, isPinned) {
      called('pin', id, step);
      const list = found(id).row.checkpoints;
      setRow(id, {
        checkpoints: list.map((one) => (one.step === step ? { ...one, isPinned } : one)),
      });
    },
    async removeCheckpoint() {},
    async change(id, change) {
      setRow(id, change);
    },
    async remove(ids) {
      called('remove', ...ids);
      const rows = ids.map((id) => found(id).row);
      for (const id of ids) runs.delete(id);
      return { rows, restore: async () => {}, forget: async () => {} };
    },
    use: async () => ({ used: null, allowed: null, isPersistent: null }),
    persist: async () => false,
    subscribe: () => () => {},
  };
}
