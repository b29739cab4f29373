/** Every kind of measurement, taken on a device; a unit that is killed again and again comes to the same. */
import { expect, it } from 'vitest';
import { mechanisms } from '../../../src/recipes/claims/balancing/mechanisms.ts';
import type { Recipe } from '../../../src/recipes/recipe.ts';
import type { UnitResult } from '../../../src/recipes/result.ts';
import type { MeasuredArray } from '../../../src/recipes/term.ts';
import { gpuDevice } from '../../../src/train/device/gpuDevice.ts';
import type { TrainingDevice } from '../../../src/train/device/trainingDevice.ts';
import type { MeasureDeps } from '../../../src/train/recipes/measures.ts';
import { forgetUnit, runUnit } from '../../../src/train/recipes/unit.ts';
import { memoryStore } from '../../../src/train/recipes/workStore.ts';
import { useDevice } from '../../support/gpu.ts';
import { casesOf } from '../../support/long.ts';
import { learnableText } from '../surgeryRun.ts';
import { dying } from './dying.ts';
import { RECIPE } from './recipe.ts';

const gpu = useDevice();
let device: TrainingDevice | null = null;
const deps: MeasureDeps = {
  async requestDevice() {
    device ??= gpuDevice(gpu(), { description: 'test', isSoftware: true });
    return device;
  },
  requestGpu: async () => ({ device: gpu(), adapterClass: 'software' }),
  prepareText: async (experiment) => learnableText(experiment),
};

const of = (group: string) => ({ recipe: RECIPE, budget: 'quick', group, seed: 1 }) as const;

/** What is not a time, nor made of one. */
function comparable({ times: _, measured, ...unit }: UnitResult) {
  const { experts: _e, forward: _f, prefill: _p, decode: _d, conversion, ...rest } = measured;
  const { prefill: _1, msStatic: _2, msAdaptive: _3, ...dense } = conversion?.dense ?? {};
  return { ...unit, measured: rest, dense };
}

it('takes every kind of measurement of variants that belong together', async () => {
  const { runs, measured } = await runUnit(deps, of('a'), { store: memoryStore() });
  expect(runs.map(({ variant }) => variant)).toEqual(['a', 'b', 'wide']);
  const [a, b, wide] = runs;
  const width = measured.work?.b?.['workload.widthPerToken'] as number;
  const expected = Math.round(width / 4) * 4;
  expect(wide?.experiment.experts.slots).toContainEqual({ kind: 'ffn', hidden: expected });
  expect(a?.resources.N).toBe(b?.resources.N);
  expect(a?.realisedFlops).toBeCloseTo(a!.resources.flops, -4);
  const loss = measured.loss!.a!;
  expect((loss.curve as MeasuredArray).data.at(-1)).toBe(loss.ce);
  const counts = measured.loads!.a!.counts as MeasuredArray;
  expect(counts.shape).toEqual([3, 2, 2, 4]);
  // Ten steps of eight tokens, which choose twice.
  expect(counts.data.slice(0, 8).reduce((sum: number, n) => sum + (n ?? 0), 0)).toBe(10 * 8 * 2);
  const { steps, 'saturation.churn': churn } = measured.churn!.a!;
  // Rows are 25 steps apart at least, at validations; the first has none before it.
  expect((steps as MeasuredArray).data).toEqual([27]);
  expect((churn as MeasuredArray).data).toEqual([null]);
  const shock = measured.shock!.b!;
  expect(shock).toMatchObject({ layers: { data: [0, 1] }, curve: { shape: [9] } });
  expect(shock.steps).toBeGreaterThanOrEqual(4);
  expect(shock.steps).toBeLessThanOrEqual(12);
  expect(measured.figures?.b?.['difficult.reduction']).toMatchObject({ shape: [2] });
  expect(measured.figures?.a).toBeUndefined();
  expect(measured.devices?.b).toMatchObject({ 'pair.parameters': 1 });
  for (const what of ['experts', 'forward', 'prefill', 'decode']) {
    expect(Object.keys(measured[what] ?? {})).toEqual(['a', 'b']);
    expect(measured[what]?.b?.ms).toBeGreaterThan(0);
    expect(measured[what]?.b?.share).toBe(1);
  }
});

const KILLS = Array.from({ length: 10 }, (_, i) => i);

it('loses nothing when it is killed again and again', async () => {
  const whole = await runUnit(deps, of('dense'), { store: memoryStore() });
  const { layers, mse, converted, alone, active } = whole.measured.conversion!.dense!;
  for (const field of [layers, mse, converted, alone]) expect(field).toMatchObject({ shape: [2] });
  expect(active).toMatchObject({ shape: [3] });
  const store = memoryStore();
  for (const i of casesOf(KILLS, KILLS.slice(0, 3))) {
    const run = runUnit(deps, of('dense'), {
      store: dying(store, 1 + (i % 2), i % 3 > 0),
      keepEveryMs: 0,
    });
    await run.catch((error: Error) => expect(error.message).toBe('killed'));
  }
  const resumed = await runUnit(deps, of('dense'), { store, keepEveryMs: 0 });
  expect(comparable(resumed)).toEqual(comparable(whole));
  await forgetUnit(store, resumed);
  expect((await store.keys()).filter((key) => key.startsWith('unit-'))).toEqual([]);
});

const MODEL_KINDS = ['shock', 'work', 'devices', 'experts', 'forward', 'conversion'];

it.each(MODEL_KINDS)('ends in the middle of measuring %s when it is told to', async (id) => {
  const { label } = RECIPE.measurements.find((one) => one.id === id)!;
  const stop = new AbortController();
  let after: string | null = null;
  const run = runUnit(deps, of(id === 'conversion' ? 'dense' : 'a'), {
    store: memoryStore(),
    signal: stop.signal,
    onProgress({ measuring }) {
      if (stop.signal.aborted) after = measuring;
      if (measuring === label) stop.abort();
    },
  });
  await expect(run).rejects.toMatchObject({ name: 'Cancelled' });
  // Of what a model is trained on, the steps under way are told.
  expect(after ?? label).toBe(label);
});

/** The balancing recipe on tiny models. */
const BALANCING: Recipe = {
  ...mechanisms,
  base: { ...RECIPE.base, 'losses.switch.alpha': null },
  budgets: RECIPE.budgets,
  measurements: mechanisms.measurements.map((one) =>
    one.kind === 'shock' ? { ...one, window: 4, before: 6, after: 12 } : one,
  ),
};
const VARIANTS = mechanisms.variants.map(({ id }) => id);

it.each(casesOf(VARIANTS, ['global', 'expertChoice']))(
  'measures the mechanism %s',
  async (variant) => {
    const ask = { recipe: BALANCING, budget: 'quick', group: variant, seed: 1 } as const;
    const { runs, measured } = await runUnit(deps, ask, { store: memoryStore() });
    expect(runs).toMatchObject([{ variant, steps: 30, diverged: null }]);
    const { loss, routing, shock } = measured;
    expect(loss![variant]!.generated !== undefined).toBe(variant === 'expertChoice');
    expect(routing![variant]!['load.layers.maxVio']).toMatchObject({ shape: [2] });
    expect(shock![variant]!.steps).toBeGreaterThanOrEqual(4);
    // Every expert takes equally many tokens, so that nothing has to come back.
    if (variant === 'expertChoice') expect(shock![variant]).toMatchObject({ steps: 4, calm: 0 });
  },
);
