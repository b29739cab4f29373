/** Several runs' curves as one: their mean, and how far they stand from it. */
import type { Series } from '../../runs/record.ts';
import { stepOf } from './places.ts';

export interface FoldedSeries {
  /** Steps at which any of the curves has a value, rising [n]. */
  steps: Float64Array;
  mean: Float32Array;
  /** One standard deviation of the sample; 0 where one curve alone has a value [n]. */
  deviation: Float32Array;
  /** Curves with a finite value [n]. */
  counts: Uint16Array;
}

function unionOf(series: readonly Series[]): Float64Array {
  const [first] = series;
  const isAlike = (other: Series) =>
    first !== undefined &&
    other.firstStep === first.firstStep &&
    other.steps === null &&
    first.steps === null;
  const longest = series.reduce((a, b) => (b.values.length > a.values.length ? b : a), series[0]!);
  if (series.every(isAlike)) return Float64Array.from(longest.values, (_, i) => stepOf(longest, i));
  const all = new Set(series.flatMap((one) => Array.from(one.values, (_, i) => stepOf(one, i))));
  return Float64Array.from(all).sort();
}

/**
 * Mean and sample deviation of curves at every step where one of them has a value (Welford's sums).
 * A value that is not finite is left out; where none is finite the mean is NaN.
 */
export function foldSeries(series: readonly Series[]): FoldedSeries {
  if (series.length === 0) throw new RangeError('0 curves; at least 1 is folded');
  const steps = unionOf(series);
  const n = steps.length;
  const mean = new Float64Array(n);
  const squares = new Float64Array(n);
  const counts = new Uint16Array(n);
  for (const one of series) {
    for (let i = 0, k = 0; i < one.values.length; i++) {
      const step = stepOf(one, i);
      while (steps[k]! < step) k++;
      const value = one.values[i]!;
      if (!Number.isFinite(value)) continue;
      counts[k]! += 1;
      const off = value - mean[k]!;
      mean[k]! += off / counts[k]!;
      squares[k]! += off * (value - mean[k]!);
    }
  }
  return {
    steps,
    mean: Float32Array.from(mean, (value, i) => (counts[i] === 0 ? Number.NaN : value)),
    deviation: Float32Array.from(squares, (sum, i) =>
      counts[i]! < 2 ? 0 : Math.sqrt(sum / (counts[i]! - 1)),
    ),
    counts,
  };
}

/** Mean and sample deviation of some values; a value that is not finite is left out. */
export function meanOf(values: readonly number[]): { mean: number; deviation: number; n: number } {
  const finite = values.filter(Number.isFinite);
  const n = finite.length;
  const mean = finite.reduce((sum, value) => sum + value, 0) / n;
  const squares = finite.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: n < 2 ? 0 : Math.sqrt(squares / (n - 1)), n };
}
