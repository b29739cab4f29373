/** What a recipe holds equal, with the numbers that the accounting found. */
import { counted } from '../../../config/plural.ts';
import { type HeldRow, heldTable, RESOURCE_LABELS } from '../../../recipes/held.ts';
import type { Recipe } from '../../../recipes/recipe.ts';
import type { RecipeResult } from '../../../recipes/result.ts';
import type { FigureCell, FigureTable } from '../../kit/figure/table.ts';

/** Of the runs of a result, its first seed; null without one. */
function ofRuns(recipe: Recipe, result: RecipeResult): HeldRow[] {
  const seed = result.units[0]?.seed;
  const runs = result.units.filter((unit) => unit.seed === seed).flatMap((unit) => unit.runs);
  return recipe.held.map(({ resource, among }) => {
    const values = runs
      .filter(({ variant }) => among === undefined || among.includes(variant))
      .map(({ variant, resources }) => ({ variant, value: resources[resource] }));
    const numbers = values.map(({ value }) => value);
    const mismatch = numbers.length < 2 ? 0 : Math.max(...numbers) / Math.min(...numbers) - 1;
    return { resource, values, mismatch };
  });
}

/** Of a result's runs where there is one, else of the experiments as they would be run; or why not. */
export function heldRows(
  recipe: Recipe,
  result: RecipeResult | null,
  budget: RecipeResult['budget'],
): { rows: readonly HeldRow[]; problem: string | null } {
  try {
    const rows = result === null ? heldTable(recipe, { budget }) : ofRuns(recipe, result);
    return { rows, problem: null };
  } catch (error) {
    return { rows: [], problem: error instanceof Error ? error.message : String(error) };
  }
}

export function heldText(rows: readonly HeldRow[]): string {
  if (rows.length === 0) return 'Nothing is held equal: one model is measured.';
  const names = rows.map(
    ({ resource, values, mismatch }) =>
      `${RESOURCE_LABELS[resource]} (${counted(values.length, 'variant')}, within ${(100 * mismatch).toFixed(2)} %)`,
  );
  return `Held equal: ${names.join('; ')}.`;
}

/** A row per variant, a column per resource that is held. */
export function heldNumbers(recipe: Recipe, rows: readonly HeldRow[]): FigureTable {
  return {
    columns: [
      { title: 'variant' },
      ...rows.map(({ resource }) => ({
        title: RESOURCE_LABELS[resource],
        format: 'count' as const,
      })),
    ],
    rows: recipe.variants.map(({ id, label }): FigureCell[] => [
      label,
      ...rows.map(({ values }) => values.find(({ variant }) => variant === id)?.value ?? null),
    ]),
  };
}
