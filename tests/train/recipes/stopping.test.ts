/** Measurements that take a while are heard of, and end when they are told to. */
import { expect, it } from 'vitest';
import { canonical } from '../../../src/recipes/canonical.ts';
import type { Recipe } from '../../../src/recipes/recipe.ts';
import type { MeasureDeps } from '../../../src/train/recipes/measures.ts';
import { runUnit, type UnitProgress } from '../../../src/train/recipes/unit.ts';
import { onwardSteps } from '../../../src/train/recipes/unitOf.ts';
import { memoryStore } from '../../../src/train/recipes/workStore.ts';
import { harness } from '../support.ts';
import { RECIPE } from './recipe.ts';

const deps: MeasureDeps = {
  ...harness().deps,
  requestGpu: () => Promise.reject(new Error('there is no GPU')),
};
const [loss, shock] = (['loss', 'shock'] as const).map(
  (id) => RECIPE.measurements.find((one) => one.id === id)!,
);
const recipe: Recipe = {
  ...{ ...RECIPE, variants: RECIPE.variants.slice(0, 1), held: [] },
  measurements: [loss!, { ...shock!, of: ['a'] }, { ...shock!, id: 'again', of: ['a'] }],
};
const of = { recipe, budget: 'quick', group: 'a', seed: 1 } as const;

it('is heard of step by step, and ends in the middle of training a measured model', async () => {
  const heard: UnitProgress[] = [];
  const whole = await runUnit(deps, of, {
    store: memoryStore(),
    onProgress: (progress) => heard.push(progress),
  });
  const shocks = heard.filter(({ measuring }) => measuring === 'Shock');
  // 9 steps before the shock and 12 behind it, twice.
  expect(onwardSteps(of)).toBe(42);
  expect(shocks[0]).toEqual({ variant: null, step: 0, steps: 42, measuring: 'Shock' });
  expect(shocks.at(-1)).toMatchObject({ step: 42, steps: 42 });
  const steps = shocks.map(({ step }) => step);
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  expect(heard.find(({ measuring }) => measuring === 'Loss')).toMatchObject({ step: 0, steps: 0 });

  const store = memoryStore();
  const stop = new AbortController();
  let last = 0;
  const stopped = runUnit(deps, of, {
    store,
    signal: stop.signal,
    onProgress({ measuring, step }) {
      last = step;
      // In the second of them.
      if (measuring === 'Shock' && step > 21) stop.abort();
    },
  });
  await expect(stopped).rejects.toMatchObject({ name: 'Cancelled' });
  expect(last).toBeLessThan(42);
  const again: number[] = [];
  const resumed = await runUnit(deps, of, {
    store,
    onProgress: ({ measuring, step }) => measuring === 'Shock' && again.push(step),
  });
  // What the first measured is there.
  expect(again[0]).toBe(21);
  const { times: _1, ...one } = whole;
  const { times: _2, ...other } = resumed;
  expect(canonical(other)).toBe(canonical(one));
});
