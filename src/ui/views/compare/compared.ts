/** How the comparison stands. */
import type { XUnit } from '../../../analysis/compare/places.ts';

export interface Compared {
  /** Ids of columns; null: those that one begins with, and every setting that differs. */
  columns: readonly string[] | null;
  /** Id of the column that rows are ordered by; '': as the library has them. */
  order: string;
  isDescending: boolean;
  /** Path of the setting that rows are grouped by; '': none. */
  group: string;
  /** Whether runs that differ in their seeds alone are one row, and one line. */
  isFolded: boolean;
  onlyDifferent: boolean;
  x: XUnit;
  /** Names of the metrics that have a chart. */
  metrics: readonly string[];
  hasJson: boolean;
}

/** Columns at most that are shown together. */
export const MAX_COLUMNS = 60;
/** Charts at most. */
export const MAX_CHARTS = 11;
