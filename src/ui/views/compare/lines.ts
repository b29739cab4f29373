/** The lines of compared runs, worked out as far as a budget goes and kept from one drawing to the next. */
import { type FoldedSeries, foldSeries } from '../../../analysis/compare/fold.ts';
import {
  type ComparedRun,
  type Placing,
  placingOf,
  stepOf,
  type XUnit,
} from '../../../analysis/compare/places.ts';
import type { TableRow } from '../../../analysis/compare/table.ts';
import { causalNote } from '../../../config/generation.ts';
import type { MetricName, Series as RunSeries } from '../../../runs/record.ts';
import type { Budget } from '../../kit/charts/budget.ts';
import { Ema } from '../../kit/charts/ema.ts';
import { runColor, runDash } from '../../kit/charts/runLook.ts';
import type { Series } from '../../kit/charts/series.ts';
import { keyOfRow, nameOfRow } from './useCompared.ts';

/** A line of one run, or of several with their deviation. */
export interface CompareLine extends Series {
  /** Runs that it is of. */
  ids: readonly string[];
  /** One standard deviation at each value; absent for a single run. */
  deviation?: ArrayLike<number>;
  /** Runs that each value is the mean of. */
  counts?: ArrayLike<number>;
}

export interface LineOptions {
  metric: MetricName;
  unit: XUnit;
  /** Amount of the axis that stands for one of its places. */
  perPlace: number;
  smoothing: number;
}

/** Where several runs stand on average. */
function meanPlacing(runs: readonly ComparedRun[], unit: XUnit): Placing | null {
  const placings = runs.flatMap((run) => placingOf(run, unit) ?? []);
  if (placings.length < runs.length || placings.length === 0) return null;
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const rates = placings.flatMap(({ perStep }) => perStep ?? []);
  return {
    perStep: rates.length === placings.length ? mean(rates) : null,
    at: (step) => mean(placings.map(({ at }) => at(step))),
  };
}

interface Kept {
  sources: readonly RunSeries[];
  series: RunSeries;
  fold: FoldedSeries | null;
  ema: Ema | null;
  deviationEma: Ema | null;
  placing: { unit: XUnit; runs: readonly ComparedRun[]; of: Placing | null } | null;
  places: { of: Placing; values: Float64Array } | null;
}

function isSame<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}

/** What was worked out of each row's curves. */
export class LineCache {
  readonly #kept = new Map<string, Kept>();

  /** Lines of the rows that have the metric and a place on the axis. */
  lines(rows: readonly TableRow[], options: LineOptions, budget: Budget): CompareLine[] {
    this.#forget(rows);
    const taken = new Set<string>();
    return rows.flatMap((row) => {
      const line = this.#line(row, options, budget);
      if (line === null) return [];
      // Two runs may be called the same; their lines and columns of files may not.
      let key = line.key;
      for (let i = 2; taken.has(key); i++) key = `${line.key} (${i})`;
      taken.add(key);
      return { ...line, key };
    });
  }

  /** Drops what was worked out of rows that are there no more. */
  #forget(rows: readonly TableRow[]): void {
    if (this.#kept.size <= rows.length) return;
    const keys = new Set(rows.map(keyOfRow));
    for (const key of [...this.#kept.keys()]) if (!keys.has(key)) this.#kept.delete(key);
  }

  #line(row: TableRow, options: LineOptions, budget: Budget): CompareLine | null {
    const kept = this.#of(row, options.metric, budget);
    if (kept === null) return null;
    const placing = this.#placing(kept, row.runs, options.unit);
    if (placing === null) return null;
    const [first] = row.runs;
    const name = nameOfRow(row);
    const { experiment } = first.row;
    const note = options.metric === 'validation' ? causalNote(experiment) : '';
    const label = row.runs.length === 1 ? name : `${name} (n = ${row.runs.length})`;
    const look = {
      key: name,
      label: `${label}${note}`,
      run: name,
      ids: row.runs.map(({ row: { id } }) => id),
      color: runColor(first.row.color),
      dash: runDash(first.row.color),
    };
    const { firstStep, steps } = kept.series;
    return {
      ...look,
      firstStep,
      ...(steps === null ? {} : { steps }),
      ...this.#where(kept, placing, options.perPlace),
      ...this.#values(kept, options.smoothing, budget),
    };
  }

  #of({ runs }: TableRow, metric: MetricName, budget: Budget): Kept | null {
    const sources = runs.flatMap(({ curves }) => curves?.[metric] ?? []);
    if (sources.length === 0) return null;
    const key = keyOfRow({ runs });
    const known = this.#kept.get(key);
    if (known !== undefined && isSame(known.sources, sources)) return known;
    const wanted = sources.reduce((sum, { values }) => sum + values.length, 0);
    // The last row that the budget has room for may be longer than what is left of it.
    if (sources.length > 1 && budget.take(wanted) === 0) return null;
    const fold = sources.length > 1 ? foldSeries(sources) : null;
    const series: RunSeries =
      fold === null
        ? sources[0]!
        : { firstStep: fold.steps[0] ?? 1, steps: fold.steps, values: fold.mean };
    const kept = {
      sources,
      series,
      fold,
      ema: null,
      deviationEma: null,
      placing: null,
      places: null,
    };
    this.#kept.set(key, kept);
    return kept;
  }

  #placing(kept: Kept, runs: readonly ComparedRun[], unit: XUnit): Placing | null {
    const known = kept.placing;
    if (known?.unit === unit && isSame(known.runs, runs)) return known.of;
    const of = meanPlacing(runs, unit);
    kept.placing = { unit, runs, of };
    return of;
  }

  #where(kept: Kept, placing: Placing, perPlace: number): Pick<Series, 'stretch' | 'places'> {
    if (placing.perStep !== null) return { stretch: placing.perStep / perPlace };
    if (kept.places?.of !== placing) {
      const { series } = kept;
      const values = Float64Array.from(series.values, (_, i) => placing.at(stepOf(series, i)));
      kept.places = { of: placing, values };
    }
    return { places: kept.places.values, stretch: 1 / perPlace };
  }

  #values(
    kept: Kept,
    smoothing: number,
    budget: Budget,
  ): Pick<CompareLine, 'owner' | 'values' | 'deviation' | 'counts'> {
    const { series, fold } = kept;
    const band = fold === null ? {} : { deviation: fold.deviation, counts: fold.counts };
    if (smoothing === 0) return { owner: series, values: series.values, ...band };
    if (kept.ema?.weight !== smoothing) {
      kept.ema = new Ema(smoothing);
      kept.deviationEma = fold === null ? null : new Ema(smoothing);
    }
    const { ema, deviationEma } = kept;
    const most = budget.take(series.values.length - ema.length);
    const steps = series.steps ?? undefined;
    const values = ema.extend(series.values, steps, most);
    if (fold === null || deviationEma === null) return { owner: ema, values };
    const deviation = deviationEma.extend(fold.deviation, steps, most);
    return { owner: ema, values, deviation, counts: fold.counts };
  }
}
