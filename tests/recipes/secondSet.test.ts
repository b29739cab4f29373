/** A second set of seeds, from its results to the text that tells of it. */
import { expect, it } from 'vitest';
import { recipeNamed } from '../../src/recipes/recipes.ts';
import type { RecipeResult } from '../../src/recipes/result.ts';
import { foundMeans, secondSets, secondSetText } from '../../src/recipes/secondSetText.ts';
import { foundOf } from '../../src/recipes/verdict.ts';
import { syntheticResult } from './synthetic.ts';

const recipe = recipeNamed('modse-1');
const first = syntheticResult(recipe);
const moved = (by: number, of: RecipeResult = first): RecipeResult => ({
  ...of,
  units: of.units.map((unit) => ({ ...unit, seed: unit.seed + by })),
});

it('finds means of other seeds alone, and of all of them', () => {
  const second = moved(3);
  const found = { 'modse-1': { mean: foundOf(recipe, second)!, digest: first.digest } };
  expect(foundMeans([recipe], [first], [second], {})).toEqual(found);
  const some = { ...second, units: second.units.filter(({ seed }) => seed !== 5) };
  const others = [first, moved(2), some, { ...second, digest: 'another' }];
  for (const other of others) expect(foundMeans([recipe], [first], [other], {})).toEqual({});
  expect(foundMeans([recipe], [], [second], {})).toEqual({});
});

it('rests on quick results, whatever else is recorded', () => {
  const larger: RecipeResult = { ...first, budget: 'standard', units: first.units.slice(1) };
  const alone = secondSets([recipe], [first], {});
  expect(secondSets([recipe], [larger, first], {})).toEqual(alone);
  expect(secondSets([recipe], [larger], {})).toEqual([]);
  const found = foundMeans([recipe], [first], [moved(3)], {});
  expect(foundMeans([recipe], [larger, first], [moved(3)], {})).toEqual(found);
});

it('keeps what an earlier folder gave of the same recipe', () => {
  const before = { 'modse-1': { mean: 7, digest: first.digest } };
  expect(foundMeans([recipe], [first], [], before)).toEqual(before);
  expect(foundMeans([recipe], [first], [moved(3)], before)['modse-1']?.mean).not.toBe(7);
  const changed = { ...first, digest: 'another' };
  expect(foundMeans([recipe], [changed], [], before)).toEqual({});
});

it('tells what was predicted, what was found, and how many may fall outside', () => {
  const [set] = secondSets([recipe], [first], {});
  const [low, high] = set!.prediction.interval;
  const textOf = (found: number | null) => secondSetText([{ ...set!, found }]);
  expect(textOf(null)).toContain('No claim has a second set yet.');
  expect(textOf(null)).toMatch(/\| MoDSE 1: .* \| – \| not run yet \|/);
  expect(textOf((low + high) / 2)).toContain('1 have a second set. 0 fell outside, at most 1 may');
  expect(textOf((low + high) / 2)).toContain('| inside |');
  expect(textOf(high + 1)).toContain('1 fell outside (modse-1), at most 1 may: within the bound.');
  expect(textOf(high + 1)).toContain('| outside |');
  // A figure without a claim predicts nothing.
  const figure = recipeNamed('equalres-1a');
  expect(secondSets([figure], [syntheticResult(figure)], {})).toEqual([]);
});
