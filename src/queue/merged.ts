/** Results put together of stored ones. */
import { canonical } from '../recipes/canonical.ts';
import { recipeDigest } from '../recipes/digest.ts';
import { mergeUnits, provenanceOf } from '../recipes/merge.ts';
import type { Recipe } from '../recipes/recipe.ts';
import type { RecipeResult, UnitResult } from '../recipes/result.ts';

/**
 * Those that rest on the same, one result each. What is of another digest than the recipe of today is
 * left out: it was measured otherwise, and says nothing of today's claim.
 */
export function mergedRecipes(
  recipes: readonly Recipe[],
  units: readonly UnitResult[],
): RecipeResult[] {
  const alike = new Map<string, UnitResult[]>();
  for (const unit of units) {
    const key = canonical(provenanceOf(unit));
    alike.set(key, [...(alike.get(key) ?? []), unit]);
  }
  return [...alike.values()].flatMap((group) => {
    const [{ recipe: name, budget, digest }] = group as [UnitResult];
    const recipe = recipes.find((one) => one.name === name);
    if (recipe === undefined || recipeDigest(recipe, budget) !== digest) return [];
    try {
      return [mergeUnits(recipe, group)];
    } catch {
      return [];
    }
  });
}
