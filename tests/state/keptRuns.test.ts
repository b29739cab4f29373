import { expect, it, vi } from 'vitest';
import { SCALAR_COUNT } from '../../src/config/telemetry.ts';
import {
  createKeptStore,
  curvesOf,
  KEPT_COLORS,
  type KeptRun,
  type KeptStorage,
  MAX_KEPT,
  stepsKept,
} from '../../src/state/keptRuns.ts';
import { MetricLog } from '../../src/state/metricLog.ts';
import { curvesOfCsv } from '../../src/state/runFile.ts';

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
  firstStep: 1,
  columns: {},
  validation: [],
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
  expect(curves.firstStep).toBe(3);
  expect(Array.from(curves.columns.ce ?? [])).toEqual([7, 7]);
  expect(curves.columns.ce?.buffer.byteLength).toBe(8);
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

it('reads curves of other programs: other names, any order, steps left out', () => {
  const curves = curvesOfCsv('step,loss,val_loss,epoch\n30,2.5,,1\n10,4,\n20,nan,3.5\n40,2,2.25\n');
  expect(curves.firstStep).toBe(10);
  const { ce = [] } = curves.columns;
  expect(ce).toHaveLength(31);
  expect([ce[0], ce[1], ce[10], ce[20], ce[30]]).toEqual([4, Number.NaN, Number.NaN, 2.5, 2]);
  expect(curves.validation).toEqual([
    { step: 20, ce: 3.5 },
    { step: 40, ce: 2.25 },
  ]);
});

it.each([
  ['', /it needs step/],
  ['step,accuracy\n1,2', /step, accuracy/],
  ['step,loss', /no lines/],
  ['step,loss\n1,2\nx,3', /line 3: step 'x'/],
  ['step,loss\n1.5,2', /line 2: step '1.5' is not a whole number from 0 to 10000000/],
  ['step,loss\n1,high', /line 2: loss 'high' is not a number/],
])('refuses %j and says why', (text, message) => {
  expect(() => curvesOfCsv(text)).toThrow(message);
});
