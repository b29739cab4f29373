/** What difference so many seeds can find (docs/statistics.md, "Pairing"), in a sentence. */
import { counted } from '../config/plural.ts';
import { saySize, UNIT_NAMES } from './claimsText.ts';
import type { BudgetName, Recipe } from './recipe.ts';
import type { RecipeResult } from './result.ts';
import { FEWEST_SEEDS } from './statistics/seeds.ts';
import { smallestDifference } from './verdict.ts';

/**
 * By the spread of what is recorded of the recipe, of the same budget where there is any; null for a claim
 * that is not judged.
 */
export function findableText(
  recipe: Recipe,
  recorded: readonly RecipeResult[],
  { budget, n }: { budget: BudgetName; n: number },
): string | null {
  if (recipe.primary === null) return null;
  if (n < FEWEST_SEEDS)
    return `a verdict needs at least ${FEWEST_SEEDS} seeds; ${n} of them may be merged with others`;
  const pilots = recorded.toSorted(
    (a, b) => Number(b.budget === budget) - Number(a.budget === budget),
  );
  for (const pilot of pilots) {
    const found = smallestDifference(recipe, pilot, n);
    if (found === null) continue;
    const unit = UNIT_NAMES[recipe.primary.unit] ?? '';
    return `${counted(n, 'seed')} find differences from ${saySize(found)}${unit} on, at the spread of the recorded ${pilot.budget} result`;
  }
  return `no spread is known that would tell what ${counted(n, 'seed')} find`;
}
