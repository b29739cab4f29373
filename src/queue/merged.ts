/** Results put together of stored ones. */
import { canonical } from '../recipes/canonical.ts';
import { mergeUnits, provenanceOf } from '../recipes/merge.ts';
import type { Recipe } from '../recipes/recipe.ts';
import type { RecipeResult, UnitResult } from '../recipes/result.ts';

/** Those that rest on the same, one result each; what the recipes of today cannot merge is left out. */
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
    const recipe = recipes.find(({ name }) => name === group[0]?.recipe);
    if (recipe === undefined) return [];
    try {
      return [mergeUnits(recipe, group)];
    } catch {
      return [];
    }
  });
}
