/** What is recorded of all claims, in short: one small file beside the results. */
import type { BudgetName, Unit } from './recipe.ts';

/** A claim's recorded verdict, as a card shows it. */
export interface RecordedSummary {
  /** Words of the verdict; none where a figure is drawn without a claim. */
  words: readonly string[];
  /** Primary effect with its 95 % interval; null where it has none. */
  d: number | null;
  interval: readonly [low: number, high: number] | null;
  unit: Unit;
  seeds: number;
  budget: BudgetName;
}

/** By name of the recipe, in the order in which claims are listed. */
export type RecordedIndex = Readonly<Record<string, RecordedSummary>>;
