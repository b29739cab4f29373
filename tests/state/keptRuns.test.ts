import { expect, it, onTestFinished, vi } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { encodeSealed } from '../../src/config/permalink.ts';
import { SCALAR_COUNT } from '../../src/config/telemetry.ts';
import type { Library } from '../../src/runs/library.ts';
import { memoryLibrary } from '../../src/runs/memoryLibrary.ts';
import { followRows } from '../../src/state/keptLibrary.ts';
import {
  createKeptStore,
  curvesOf,
  KEPT_COLORS,
  MAX_KEPT,
  nextRunName,
  PREVIOUS_RUN,
  stepsKept,
} from '../../src/state/keptRuns.ts';
import { keptStorageOf } from '../../src/state/keptStorage.ts';
import { createLibraryStore } from '../../src/state/library.ts';
import { MetricLog } from '../../src/state/metricLog.ts';
import { makeRecords, makeRow, NO_PARTS } from '../runs/support.ts';

/** What a visit of the page has of a library: its kept runs follow the rows, with those of earlier visits. */
async function visit(library: Library, isRead = true) {
  const fail = vi.fn();
  const rows = createLibraryStore(library, fail);
  const kept = createKeptStore(keptStorageOf(library), fail);
  const stop = followRows(rows, kept);
  const read = () => rows.getState().read();
  onTestFinished(() => {
    stop();
    rows.getState().close();
  });
  const here = await library.rows();
  if (isRead) {
    await read();
    await vi.waitFor(() => expect(kept.getState().runs).toHaveLength(here.length));
  }
  return { kept, rows, read, fail, runs: () => kept.getState().runs };
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
  const library = memoryLibrary();
  const { kept, runs, fail } = await visit(library);
  kept.getState().keep({ ...NEW, link: null });
  kept.getState().keep({ ...NEW, link: null, name: 'b' });
  const [a, b] = runs();
  if (a === undefined || b === undefined) throw new Error('two runs were kept');
  expect([a.color, b.color]).toEqual([0, 1]);
  await vi.waitFor(async () => expect(await library.rows()).toHaveLength(2));
  kept.getState().change(b.id, { isVisible: false, name: 'c' });
  kept.getState().remove(a.id);
  await vi.waitFor(async () => expect(await library.rows()).toHaveLength(1));
  await vi.waitFor(async () => expect(await library.row(b.id)).toMatchObject({ name: 'c' }));
  const next = await visit(library);
  expect(next.runs()).toEqual([{ ...b, isVisible: false, name: 'c' }]);
  next.kept.getState().keep(NEW);
  expect(next.runs()[1]?.color).toBe(0);
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
    { put: () => Promise.reject(new Error('full')), remove: async () => {} },
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

it('shows a run once, however often and whenever its row is heard of, behind those of earlier visits', async () => {
  const library = memoryLibrary();
  for (const [begunAt, name] of ['a', 'b'].entries())
    await library.put(makeRow(name, { name, begunAt, isVisible: true }), NO_PARTS, null);
  const next = await visit(library, false);
  const reading = next.read();
  next.kept.getState().keep({ ...NEW, link: null, name: 'c' });
  await Promise.all([reading, next.read(), next.read()]);
  await vi.waitFor(() => expect(next.runs()).toHaveLength(3));
  await vi.waitFor(async () => expect(await library.rows()).toHaveLength(3));
  await next.read();
  expect(next.runs().map(({ name }) => name)).toEqual(['a', 'b', 'c']);
});

it('brings no run back that was removed while its row was still there', async () => {
  const library = memoryLibrary();
  const { kept, runs, read } = await visit(library);
  kept.getState().keep({ ...NEW, link: null });
  await vi.waitFor(async () => expect(await library.rows()).toHaveLength(1));
  await read();
  const [run] = runs();
  kept.getState().remove(run!.id);
  await library.change(run!.id, { tags: ['seen'] });
  await read();
  expect(runs()).toEqual([]);
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
  const { kept, runs } = await visit(library);
  expect(runs()[0]).toMatchObject({
    id: 'r',
    name: 'Best',
    link: encodeSealed(DEFAULTS_V1),
  });
  expect(runs()[0]!.columns.ce!.values).toHaveLength(4);
  kept.getState().change('r', { name: 'Better' });
  await vi.waitFor(async () => expect(await library.row('r')).toMatchObject({ name: 'Better' }));
  kept.getState().remove('r');
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
  const { kept, runs } = await visit(library);
  expect(runs()[0]!.columns).toEqual({ ce: { ...ce, values: Float32Array.of(4, 3) } });
  kept.getState().remove(row!.id);
  await vi.waitFor(async () => expect(await library.rows()).toEqual([]));
});
