/** Which steps of a curve a link holds. */
import type { Series } from '../runs/record.ts';

/** Steps whose losses a link holds bit for bit. */
export const FIXED_STEPS = 16;

export function stepAt({ firstStep, steps }: Series, i: number): number {
  return steps === null ? firstStep + i : steps[i]!;
}

/** Index of the last value at or before a step, −1 where there is none. */
export function indexUpTo(series: Series, step: number): number {
  let [low, high] = [0, series.values.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (stepAt(series, middle) <= step) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Value at a step; NaN where there is none. */
export function valueAt(series: Series, step: number): number {
  const i = indexUpTo(series, step);
  return i >= 0 && stepAt(series, i) === step ? series.values[i]! : Number.NaN;
}

/** The values of a series up to a step. */
export function upTo(series: Series, step: number): Series {
  const n = indexUpTo(series, step) + 1;
  const { firstStep, steps, values } = series;
  return { firstStep, steps: steps?.subarray(0, n) ?? null, values: values.subarray(0, n) };
}

/** The values of a series from one step to another, both included. */
export function between(series: Series, first: number, last: number): Series {
  const { firstStep, steps, values } = upTo(series, last);
  const from = indexUpTo(series, first - 1) + 1;
  return {
    firstStep: steps === null ? firstStep + from : firstStep,
    steps: steps?.subarray(from) ?? null,
    values: values.subarray(from),
  };
}

/**
 * At most 16 steps from `first` to `last`: both of them, and the powers of two between; of more the
 * early ones go, and of fewer the widest gaps are halved.
 */
export function fixedSteps(first: number, last: number): number[] {
  if (last < first) return [];
  const steps = [first];
  for (let power = 1; power < last; power *= 2) if (power > first) steps.push(power);
  if (last > first) steps.push(last);
  if (steps.length > FIXED_STEPS) steps.splice(1, steps.length - FIXED_STEPS);
  while (steps.length < FIXED_STEPS) {
    const gaps = steps.map((step, i) => (steps[i + 1] ?? step) - step);
    const widest = gaps.lastIndexOf(Math.max(...gaps));
    if (gaps[widest]! < 2) break;
    steps.splice(widest + 1, 0, steps[widest]! + (gaps[widest]! >> 1));
  }
  return steps;
}

/** `most` of `n` indices, evenly spaced, the first and the last among them. */
export function spread(n: number, most: number): number[] {
  if (n <= most) return Array.from({ length: n }, (_, i) => i);
  return Array.from({ length: most }, (_, i) => Math.round((i * (n - 1)) / (most - 1)));
}
