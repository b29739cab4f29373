/** A run that diverges is a finding: the unit goes on, and asks nothing of its model. */
import { expect, it } from 'vitest';
import type { Recipe } from '../../../src/recipes/recipe.ts';
import type { MeasureDeps } from '../../../src/train/recipes/measures.ts';
import { runUnit } from '../../../src/train/recipes/unit.ts';
import { memoryStore } from '../../../src/train/recipes/workStore.ts';
import { EXPLODING_LR } from '../fakeEngine.ts';
import { harness } from '../support.ts';
import { RECIPE } from './recipe.ts';

const deps: MeasureDeps = {
  ...harness().deps,
  requestGpu: () => Promise.reject(new Error('there is no GPU')),
};

it('measures what its telemetry tells, and nothing that follows from its model', async () => {
  const explode = { 'optimizer.lr': EXPLODING_LR };
  const recipe: Recipe = {
    ...RECIPE,
    variants: RECIPE.variants.map((one) => {
      return one.id === 'b' ? { ...one, edits: { ...one.edits, ...explode } } : one;
    }),
    measurements: RECIPE.measurements.filter(({ kind }) => kind !== 'times'),
  };
  const of = { recipe, budget: 'quick', group: 'a', seed: 1 } as const;
  const { runs, measured } = await runUnit(deps, of, { store: memoryStore() });
  expect(runs.map(({ variant, diverged }) => [variant, diverged === null])).toEqual([
    ['a', true],
    ['b', false],
  ]);
  expect(measured.loss?.b?.ce).toBeNull();
  expect(measured.loss?.a?.ce).toBeGreaterThan(0);
  expect(measured).toMatchObject({ work: {}, figures: {}, devices: {} });
  expect(Object.keys({ ...measured.work, ...measured.figures, ...measured.devices })).toEqual([]);
});
