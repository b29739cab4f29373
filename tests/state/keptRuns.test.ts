import { expect, it, vi } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { encodeSealed } from '../../src/config/permalink.ts';
import { SCALAR_COUNT } from '../../src/config/telemetry.ts';
import { memoryLibrary } from '../../src/runs/memoryLibrary.ts';
import {
  createKeptStore,
  curvesOf,
  KEPT_COLORS,
  type KeptRun,
  type KeptStorage,
  MAX_KEPT,
  nextRunName,
  PREVIOUS_RUN,
  stepsKept,
} from '../../src/state/keptRuns.ts';
import { keptStorageOf } from '../../src/state/keptStorage.ts';
import { MetricLog } from '../../src/state/metricLog.ts';
import { makeRecords, makeRow, NO_PARTS } from '../runs/support.ts';

function memory(): KeptStorage & { runs: Map<string, KeptRun> } {
  const runs = new Map<string, KeptRun>();
  return {
    runs,
    all: async () => [...runs.values()],
    put: async (run) => {
      runs.set(run.id, run);
    },
    remove: async (id) => {
      runs.delete(id);
    },
  };
}

const NEW = {
  name: 'a',
  tokensPerStep: 10,
  link: 'v=1',
  columns: {},
  resumedAt: [],
  repeated: 0,
};

it('keeps a copy of the curves, which does not grow with the log', () => {
  const log = new MetricLog();
  log.append({
    firstStep: 3,
    n: 2,
    scalars: new Float32Array(2 * SCALAR_COUNT).fill(7),
    layers: [],
  });
  const curves = curvesOf(log, [{ step: 4, ce: 2 }]);
  log.append({ firstStep: 5, n: 1, scalars: new Float32Array(SCALAR_COUNT), layers: [] });
  expect(stepsKept(curves)).toBe(2);
  expect(curves.columns.ce?.firstStep).toBe(3);
  expect(Array.from(curves.columns.ce?.values ?? [])).toEqual([7, 7]);
  expect(curves.columns.ce?.values.buffer.byteLength).toBe(8);
  expect(curves.columns.validation).toEqual({
    firstStep: 4,
    steps: null,
    values: Float64Array.of(2),
  });
});

it('stores runs with every change of their look, and gives them back to the next visit', async () => {
  const storage = memory();
  const fail = vi.fn();
  const store = createKeptStore(storage, fail);
  store.getState().keep(NEW);
  store.getState().keep({ ...NEW, name: 'b' });
  const [a, b] = store.getState().runs;
  if (a === undefined || b === undefined) throw new Error('two runs were kept');
  expect([a.color, b.color]).toEqual([0, 1]);
  store.getState().change(b.id, { isVisible: false, name: 'c' });
  store.getState().remove(a.id);
  const next = createKeptStore(storage, fail);
  await next.getState().restore();
  expect(next.getState().runs).toEqual([{ ...b, isVisible: false, name: 'c' }]);
  next.getState().keep(NEW);
  expect(next.getState().runs[1]?.color).toBe(0);
  expect(fail).not.toHaveBeenCalled();
});

it('shares colours evenly and refuses more runs than there is room for', () => {
  const store = createKeptStore(null, vi.fn());
  for (let i = 0; i < MAX_KEPT; i++) store.getState().keep(NEW);
  const colors = store.getState().runs.map(({ color }) => color);
  expect(colors).toEqual(Array.from({ length: MAX_KEPT }, (_, i) => i % KEPT_COLORS));
  expect(() => store.getState().keep(NEW)).toThrow(`${MAX_KEPT}`);
});

it('shows runs that the storage refuses, and says so', async () => {
  const fail = vi.fn();
  const store = createKeptStore(
    { ...memory(), put: () => Promise.reject(new Error('full')) },
    fail,
  );
  store.getState().keep(NEW);
  await vi.waitFor(() => expect(fail).toHaveBeenCalledOnce());
  expect(store.getState().runs).toHaveLength(1);
});

it('gives no two runs one name, whatever was deleted, kept or renamed before', () => {
  const store = createKeptStore(null, vi.fn());
  const names = () => store.getState().runs.map(({ name }) => name);
  const keep = () => {
    store.getState().keep({ ...NEW, name: nextRunName(store.getState().runs, 30) });
  };
  keep();
  keep();
  store.getState().remove(store.getState().runs[0]?.id ?? '');
  keep();
  expect(names()).toEqual(['Run 2, 30 steps', 'Run 1, 30 steps']);
  store.getState().keep({ ...NEW, name: 'Run 1, 30 steps' });
  expect(names()[2]).toBe('Run 1, 30 steps (2)');
  store.getState().change(store.getState().runs[0]?.id ?? '', { name: 'Run 1, 30 steps' });
  expect(names()[0]).toBe('Run 1, 30 steps (3)');
  store.getState().keep({ ...NEW, name: PREVIOUS_RUN });
  expect(names()[3]).not.toBe(PREVIOUS_RUN);
});

it('shows a run once that was shown before the storage was read', async () => {
  const storage = memory();
  const before = createKeptStore(storage, vi.fn());
  before.getState().keep(NEW);
  const next = createKeptStore(storage, vi.fn());
  const reading = next.getState().restore();
  next.setState({ runs: before.getState().runs.map((run) => ({ ...run, link: null })) });
  next.getState().keep({ ...NEW, name: 'b' });
  await reading;
  expect(next.getState().runs.map(({ name, link }) => [name, link])).toEqual([
    ['a', 'v=1'],
    ['b', 'v=1'],
  ]);
});

it('shows and hides a run that has a record, and copies it nowhere', async () => {
  const library = memoryLibrary();
  const parts = { ...NO_PARTS, records: [makeRecords(1, 4)] };
  const needs = { buffer: 1, binding: 1, total: 1 };
  const adapter = { description: 'fake', isSoftware: true, needs };
  await library.put(makeRow('r', { name: 'Best', adapter, steps: 4 }), parts, null);
  const store = createKeptStore(keptStorageOf(library), vi.fn());
  store.getState().keep({ ...NEW, id: 'r', name: 'Run 1, 4 steps' });
  store.getState().keep({ ...NEW, id: 'r', name: 'Run 1, 4 steps' });
  expect(store.getState().runs).toHaveLength(1);
  await vi.waitFor(async () =>
    expect(await library.row('r')).toMatchObject({ name: 'Best', isVisible: true }),
  );
  const next = createKeptStore(keptStorageOf(library), vi.fn());
  await next.getState().restore();
  expect(next.getState().runs[0]).toMatchObject({
    id: 'r',
    name: 'Best',
    link: encodeSealed(DEFAULTS_V1),
  });
  expect(next.getState().runs[0]!.columns.ce!.values).toHaveLength(4);
  next.getState().change('r', { name: 'Better' });
  await vi.waitFor(async () => expect(await library.row('r')).toMatchObject({ name: 'Better' }));
  next.getState().remove('r');
  await vi.waitFor(async () => expect(await library.row('r')).toMatchObject({ isVisible: false }));
  expect(await library.rows()).toHaveLength(1);
});

it('stores the curves of other programs whole, and deletes them', async () => {
  const library = memoryLibrary();
  const ce = { firstStep: 2, steps: Float64Array.of(2, 9), values: Float64Array.of(4, 3) };
  const store = createKeptStore(keptStorageOf(library), vi.fn());
  store.getState().keep({ ...NEW, link: null, columns: { ce } });
  await vi.waitFor(async () => expect(await library.rows()).toHaveLength(1));
  const [row] = await library.rows();
  expect(row).toMatchObject({ origin: 'curves', experiment: null, steps: 9, isVisible: true });
  const next = createKeptStore(keptStorageOf(library), vi.fn());
  await next.getState().restore();
  expect(next.getState().runs[0]!.columns).toEqual({
    ce: { ...ce, values: Float32Array.of(4, 3) },
  });
  next.getState().remove(row!.id);
  await vi.waitFor(async () => expect(await library.rows()).toEqual([]));
});
