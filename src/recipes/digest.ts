import { digestOf } from './canonical.ts';
import { variantExperiment } from './experiments.ts';
import type { BudgetName, Recipe } from './recipe.ts';

/**
 * Digest of what is trained and measured at a budget: experiments of all variants, with the defaults of
 * this program, and measurements. Words, effects and figures may change without it.
 */
export function recipeDigest(recipe: Recipe, budget: BudgetName): string {
  const variants = recipe.variants.map(({ id, derived }) => ({
    id,
    derived,
    experiment: variantExperiment(recipe, id, { budget, seed: 1 }),
  }));
  return digestOf({ name: recipe.name, budget, variants, measurements: recipe.measurements });
}
