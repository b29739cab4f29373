/** Figures and tables of recipes as numbers: what a page draws and a file holds. */

import { columnOf, type PrintedTable } from '../analysis/papers/printed.ts';
import { PAPERS } from '../analysis/papers.ts';
import { DivergedRun, evaluate, listOf, MissingRun } from './evaluate.ts';
import type { SeedReadings } from './judge.ts';
import type { Axis, FigureSpec, PrintedColumns, Recipe, Series, Unit } from './recipe.ts';
import type { RecipeResult } from './result.ts';
import { ALPHA, tTwoSided } from './statistics/distributions.ts';
import { FEWEST_SEEDS, meanAndDeviation } from './statistics/seeds.ts';
import type { Term } from './term.ts';
import { readingsOf } from './verdict.ts';

/** A number over seeds. */
export interface Spread {
  /** Null where no seed has a number. */
  mean: number | null;
  /** Deviation of the sample; null for fewer than two seeds. */
  s: number | null;
  /** 95 % interval of the mean; null for fewer than three seeds. */
  interval: readonly [number, number] | null;
  n: number;
  /** By seed, in the order of the seeds that have a number. */
  values: readonly { seed: number; value: number }[];
}

export interface FigurePoint {
  /** Mean over the seeds of the point. */
  x: number;
  y: Spread;
}

export interface SeriesData {
  label: string;
  level: boolean;
  points: readonly FigurePoint[];
}

/** Points that the paper prints, for a panel of their own. */
export interface PrintedSeries {
  where: string;
  /** What the columns are called there. */
  x: string;
  y: string;
  /** What tells them from others of the same columns; '' where nothing has to. */
  label: string;
  points: readonly { x: number; y: number }[];
}

export type FigureData =
  | {
      id: string;
      title: string;
      kind: 'lines' | 'points' | 'bars';
      x: Axis;
      y: Axis;
      series: readonly SeriesData[];
      printed: readonly PrintedSeries[];
    }
  | {
      id: string;
      title: string;
      kind: 'table';
      columns: readonly { label: string; unit: Unit }[];
      rows: readonly { label: string; cells: readonly Spread[] }[];
    };

/** Mean, deviation and interval of a number over seeds. */
export function spreadOf(values: readonly { seed: number; value: number }[]): Spread {
  const n = values.length;
  if (n === 0) return { mean: null, s: null, interval: null, n, values };
  const { d: mean, s } = meanAndDeviation(values.map(({ value }) => value));
  if (n < FEWEST_SEEDS) return { mean, s: n < 2 ? null : s, interval: null, n, values };
  const half = (tTwoSided(ALPHA, n - 1) * s) / Math.sqrt(n);
  return { mean, s, interval: [mean - half, mean + half], n, values };
}

/** The elements of a term for a seed; none where a run is missing or diverged. */
function elements(term: Term, seed: SeedReadings): readonly (number | null)[] {
  try {
    return listOf(evaluate(term, seed));
  } catch (error) {
    if (error instanceof MissingRun || error instanceof DivergedRun) return [];
    throw error;
  }
}

function seriesData({ label, level, x, y }: Series, seeds: readonly SeedReadings[]): SeriesData {
  const rows = seeds.map((seed) => ({
    seed: seed.seed,
    x: elements(x, seed),
    y: elements(y, seed),
  }));
  const most = Math.max(0, ...rows.map((row) => row.y.length));
  const points = Array.from({ length: most }, (_, i): FigurePoint | null => {
    const known = rows.flatMap((row) => {
      const [at, value] = [row.x[i] ?? null, row.y[i] ?? null];
      return at === null || value === null ? [] : [{ seed: row.seed, at, value }];
    });
    if (known.length === 0) return null;
    const at = known.reduce((sum, point) => sum + point.at, 0) / known.length;
    return { x: at, y: spreadOf(known.map(({ seed, value }) => ({ seed, value }))) };
  });
  return { label, level: level === true, points: points.filter((point) => point !== null) };
}

function printedSeries(
  tables: readonly PrintedTable[],
  { where, x, y, only = {}, label = Object.values(only).flat().join(', ') }: PrintedColumns,
): PrintedSeries {
  const table = tables.find((one) => one.where === where);
  if (table === undefined) throw new RangeError(`there is no printed "${where}"`);
  const [xs, ys] = [columnOf(table, x), columnOf(table, y)];
  const wanted = Object.entries(only);
  const points = table.rows.flatMap((row, i) => {
    const fits = wanted.every(([column, cells]) =>
      [cells].flat().includes(row[table.columns.indexOf(column)] ?? ''),
    );
    return fits && Number.isFinite(xs[i]!) && Number.isFinite(ys[i]!)
      ? [{ x: xs[i]!, y: ys[i]! }]
      : [];
  });
  return { where, x, y, label, points };
}

/** The numbers of a figure over the seeds of a result. */
export function figureData(recipe: Recipe, spec: FigureSpec, result: RecipeResult): FigureData {
  const seeds = readingsOf(result);
  const { id, title } = spec;
  if (spec.kind === 'table') {
    const cell = (term: Term) =>
      spreadOf(
        seeds.flatMap((seed) => {
          const [value = null] = elements(term, seed);
          return value === null ? [] : [{ seed: seed.seed, value }];
        }),
      );
    const rows = spec.rows.map(({ label, cells }) => ({ label, cells: cells.map(cell) }));
    return { id, title, kind: 'table', columns: spec.columns, rows };
  }
  const tables = PAPERS.find((paper) => paper.id === recipe.paper)?.tables ?? [];
  return {
    id,
    title,
    kind: spec.kind,
    x: spec.x,
    y: spec.y,
    series: spec.series.map((series) => seriesData(series, seeds)),
    printed: (spec.printed ?? []).map((columns) => printedSeries(tables, columns)),
  };
}
