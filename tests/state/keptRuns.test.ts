import { expect, it, vi } from 'vitest';
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
import { runOfStored } from '../../src/state/keptStorage.ts';
import { MetricLog } from '../../src/state/metricLog.ts';
import { SCALAR_COUNT } from '../../src/train/telemetry.ts';

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

it('opens runs that version 0.1 stored, and finds their missing rows', () => {
  const stored = {
    id: 'x',
    name: 'old',
    color: 1,
    isVisible: true,
    tokensPerStep: null,
    link: null,
    firstStep: 10,
    columns: { ce: Float32Array.of(4, Number.NaN, Number.NaN, 2.5) },
    validation: [{ step: 20, ce: 3 }],
  };
  const run = runOfStored(stored);
  expect(run.columns.ce).toEqual({
    firstStep: 10,
    steps: Float64Array.of(10, 13),
    values: Float64Array.of(4, 2.5),
  });
  expect(run.columns.validation?.firstStep).toBe(20);
  expect('firstStep' in run || 'validation' in run).toBe(false);
  expect(runOfStored(run)).toBe(run);
  const own = runOfStored({ ...stored, link: 'v=1', tokensPerStep: 64 });
  expect(own.columns.ce).toEqual({ firstStep: 10, steps: null, values: stored.columns.ce });
});
