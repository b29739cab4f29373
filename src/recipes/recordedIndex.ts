/** What is recorded of all claims, in short: one small file beside the results. */
import type { EffectVerdict } from './judge.ts';
import { seedsOf } from './merge.ts';
import { BUDGETS, type BudgetName, type Recipe, type Unit } from './recipe.ts';
import type { RecipeResult } from './result.ts';
import type { Interval, Word } from './statistics/effect.ts';
import { verdictOf } from './verdict.ts';

/** The primary effect in a few numbers. */
export type Headline =
  | { kind: 'mean'; d: number; interval: Interval; unit: Unit }
  /** An optimum: the best interior setting. */
  | { kind: 'best'; at: number }
  | { kind: 'share'; hits: number; n: number; chance: number }
  | { kind: 'parts'; agreeing: number; of: number }
  | { kind: 'refused'; message: string };

export interface Summary {
  /** None where a figure is drawn without a claim. */
  words: readonly Word[];
  onPapersSide: boolean;
  headline: Headline | null;
  seeds: readonly number[];
  budget: BudgetName;
}

/** Of the largest budget that is recorded. */
export interface RecordedSummary extends Summary {
  /** Those that are recorded, the smallest first. */
  budgets: readonly BudgetName[];
}

/** By name of the recipe, in the order in which claims are listed. */
export type RecordedIndex = Readonly<Record<string, RecordedSummary>>;

/** Name of the file of a recorded result, without its ending. */
export function recordedFile(recipe: string, budget: BudgetName): string {
  return budget === 'quick' ? recipe : `${recipe}-${budget}`;
}

/** What is recorded of a recipe, the smallest budget first. */
export function recordedOf(recipe: Recipe, results: readonly RecipeResult[]): RecipeResult[] {
  const own = results.filter((one) => one.recipe === recipe.name);
  return own.sort((a, b) => BUDGETS.indexOf(a.budget) - BUDGETS.indexOf(b.budget));
}

export function headlineOf({ judged, unit }: EffectVerdict): Headline {
  switch (judged.test) {
    case 'refused':
      return { kind: 'refused', message: judged.message };
    case 'optimum':
      return { kind: 'best', at: judged.best };
    case 'share': {
      const { hits, n, share, d } = judged;
      return { kind: 'share', hits, n, chance: share - d };
    }
    case 'parts': {
      const agreeing = judged.parts.filter(({ words }) => words.includes('agrees')).length;
      return { kind: 'parts', agreeing, of: judged.parts.length };
    }
    default:
      return { kind: 'mean', d: judged.d, interval: judged.interval95, unit };
  }
}

export function summaryOf(recipe: Recipe, result: RecipeResult): Summary {
  const { words, onPapersSide, primary } = verdictOf(recipe, result);
  const headline = primary && headlineOf(primary);
  return { words, onPapersSide, headline, seeds: seedsOf(result), budget: result.budget };
}

/** The index of some results; those that no recipe names are left out. */
export function recordedIndex(
  recipes: readonly Recipe[],
  results: readonly RecipeResult[],
): RecordedIndex {
  return Object.fromEntries(
    recipes.flatMap((recipe) => {
      const own = recordedOf(recipe, results);
      const largest = own.at(-1);
      if (largest === undefined) return [];
      const budgets = own.map(({ budget }) => budget);
      return [[recipe.name, { ...summaryOf(recipe, largest), budgets }]];
    }),
  );
}
