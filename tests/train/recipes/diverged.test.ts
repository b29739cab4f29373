/** A run that diverges is a finding: the unit goes on, and asks nothing of its model. */
import { expect, it } from 'vitest';
import { evaluate } from '../../../src/recipes/evaluate.ts';
import type { Recipe } from '../../../src/recipes/recipe.ts';
import { expertMs } from '../../../src/train/recipes/measure/times.ts';
import type { MeasureDeps } from '../../../src/train/recipes/measures.ts';
import { runUnit } from '../../../src/train/recipes/unit.ts';
import { memoryStore } from '../../../src/train/recipes/workStore.ts';
import { switchyardError } from '../../../src/train/session/errors.ts';
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

it('knows a measurement that diverged itself from one that is missing, and goes on', async () => {
  const only = (...ids: string[]) => ({
    variants: RECIPE.variants.filter(({ id }) => ['b', 'dense'].includes(id)),
    measurements: RECIPE.measurements.filter(({ id }) => ids.includes(id)),
  });
  const recipe: Recipe = { ...RECIPE, ...only('loss', 'shock', 'conversion'), held: [] };
  const measurements = recipe.measurements.map((one) => {
    return one.kind === 'shock' ? { ...one, lr: EXPLODING_LR } : one;
  });
  const nonFinite = switchyardError('NonFinite', 'Layer 0, step 3 of its distillation');
  const distilling = { ...deps, requestGpu: () => Promise.reject(nonFinite) };
  for (const group of ['b', 'dense']) {
    const of = { recipe: { ...recipe, measurements }, budget: 'quick', group, seed: 1 } as const;
    const { measured } = await runUnit(distilling, of, { store: memoryStore() });
    const id = group === 'b' ? 'shock' : 'conversion';
    expect(measured[id]).toEqual({ [group]: { diverged: 1 } });
    expect(() => evaluate({ read: id, field: 'mse', of: group }, { measured })).toThrow(
      `${id} of ${group} diverged`,
    );
  }
});

it('gives no time of the experts where the clock knows whole phases alone', () => {
  const experts = [{ forwardMs: 2 }, { forwardMs: 3 }] as Parameters<typeof expertMs>[0]['experts'];
  const report = { experts } as Parameters<typeof expertMs>[0];
  expect(expertMs({ ...report, source: 'timestamps' })).toBe(5);
  expect(expertMs({ ...report, source: 'wallClock' })).toBeNaN();
});
