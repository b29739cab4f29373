/**
 * Loads of a layer by rank, and the numbers of MoDSE's Tables 7 and 8. All are made of counts that the
 * figures `load` and `deciles` define (docs/analysis.md, a and f).
 */
import type { FigureTensor } from './figures/figure.ts';
import { LOAD_QUANTILES, loadRatios } from './figures/load.ts';
import { quantiles, quotient, sum } from './figures/numbers.ts';

/** `load`'s counts of a layer. */
export interface RankCounts {
  /** [W, R] */
  counts: FigureTensor;
  /** [R] */
  total: FigureTensor;
}

/** Tokens by slot at a rank, or c_i of all ranks where null [R]; empty beyond the layer's ranks. */
export function countsAt({ counts, total }: RankCounts, rank: number | null): ArrayLike<number> {
  if (rank === null) return total.data;
  const [, R = 0] = counts.shape;
  return counts.data.subarray(rank * R, (rank + 1) * R);
}

/** n_i/Σn [R] */
export function sharesOf(counts: ArrayLike<number>): Float64Array {
  const all = sum(counts);
  return Float64Array.from(counts, (count) => quotient(count, all));
}

/** n_i/(Σn·w_i/Σw) [R]; empty without counts. */
export function ratiosOf(counts: ArrayLike<number>, weights: readonly number[]): Float64Array {
  return counts.length === 0 ? new Float64Array() : loadRatios(counts, weights);
}

/** n_9i/c_i [R]: of a slot's assignments those of the tokens with the highest tenth of losses. */
export function hardShares(byDecile: FigureTensor, total: FigureTensor): Float64Array {
  const [deciles = 0, R = 0] = byDecile.shape;
  const hardest = byDecile.data.subarray((deciles - 1) * R);
  return Float64Array.from(total.data, (count, i) => quotient(hardest[i]!, count));
}

export interface Extremes {
  max: number;
  min: number;
  /** Slots of the most and the fewest, the lower of equal ones; −1 without slots. */
  most: number;
  least: number;
  /** max/min; undefined where min is 0. */
  maxMin: number;
}

export function extremesOf(counts: ArrayLike<number>): Extremes {
  const all = Array.from(counts);
  if (all.length === 0)
    return { max: Number.NaN, min: Number.NaN, most: -1, least: -1, maxMin: Number.NaN };
  const [max, min] = [Math.max(...all), Math.min(...all)];
  return { max, min, most: all.indexOf(max), least: all.indexOf(min), maxMin: quotient(max, min) };
}

/** Quantiles of one value of every layer at 0, 0.25, 0.5, 0.75, 0.9, 1. */
export function overLayers(values: readonly number[]): Float64Array {
  return quantiles(values, LOAD_QUANTILES);
}
