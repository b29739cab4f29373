/** A run that diverged is refused as a value that is no finite number, whatever is made of it. */
import { describe, expect, it } from 'vitest';
import { judgeEffect } from '../../../src/recipes/judge.ts';
import { mergeUnits } from '../../../src/recipes/merge.ts';
import { recipeNamed } from '../../../src/recipes/recipes.ts';
import { pairedValues, testValues } from '../../../src/recipes/statistics/effect.ts';
import type { SeedValue } from '../../../src/recipes/statistics/seeds.ts';
import { testOptimum, testTrend } from '../../../src/recipes/statistics/structures.ts';
import { readingsOf } from '../../../src/recipes/verdict.ts';
import { syntheticUnits } from '../synthetic.ts';

const claimed = { side: '<', margin: null } as const;
const ones: SeedValue[] = [1, 2, 3].map((seed) => [seed, 1]);
const withOne = (value: number): SeedValue[] => [...ones.slice(0, 2), [3, value]];
const reason = (code: string) => expect.objectContaining({ name: 'Refusal', reason: code });

describe('a ratio', () => {
  it.each([Number.NaN, Infinity, -Infinity])('to %s is refused for the value', (value) => {
    const ratio = () => testValues(pairedValues(ones, withOne(value), 'ratio'), claimed);
    expect(ratio).toThrow(reason('value'));
    expect(ratio).toThrow(/^seed 3: (NaN|-?Infinity) is no finite number; its run diverged$/);
  });

  it('to 0 is refused for the reference, unless the variant diverged', () => {
    expect(() => pairedValues(ones, withOne(0), 'ratio')).toThrow(reason('reference'));
    const both = () => testValues(pairedValues(withOne(Number.NaN), withOne(0), 'ratio'), claimed);
    expect(both).toThrow(reason('value'));
  });
});

describe('a curve', () => {
  it('of runs that all diverged is refused for the value, though nothing tells its settings', () => {
    const runs = [1, 2, 3].map((seed) => [seed, [Number.NaN]] as const);
    expect(() => testTrend([], runs, claimed)).toThrow(reason('value'));
    expect(() => testOptimum([], runs, 'lower')).toThrow(reason('value'));
    const gaps = [1, 2, 3].map((seed) => [seed, [null]] as const);
    expect(() => testTrend([], gaps, claimed)).toThrow(reason('seeds'));
  });

  it('says so of a claim whose settings are measured', () => {
    const recipe = recipeNamed('ladimo-2');
    const units = syntheticUnits(recipe, [1, 2, 3]).map((unit) => ({
      ...unit,
      runs: unit.runs.map((run) => ({ ...run, diverged: 'the loss is NaN' })),
    }));
    const { judged } = judgeEffect(recipe.primary!, readingsOf(mergeUnits(recipe, units)));
    expect(judged).toMatchObject({ test: 'refused', reason: 'value' });
  });
});
