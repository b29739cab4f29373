/** What is recorded stays that of today's recipes: none of their digests changes unnoticed. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { recipeDigest } from '../../src/recipes/digest.ts';
import { BUDGETS } from '../../src/recipes/recipe.ts';
import { RECIPES } from '../../src/recipes/recipes.ts';

const DIGESTS: Readonly<Record<string, unknown>> = JSON.parse(
  readFileSync(new URL('../fixtures/recipe-digests.json', import.meta.url), 'utf8'),
);

it('have the digests under which results were recorded', () => {
  const digests = RECIPES.map((recipe) => {
    const ofBudgets = BUDGETS.map((budget) => [budget, recipeDigest(recipe, budget)]);
    return [recipe.name, Object.fromEntries(ofBudgets)];
  });
  expect(Object.fromEntries(digests)).toEqual(DIGESTS);
});
