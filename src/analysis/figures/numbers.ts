/**
 * Means, entropies and quantiles in double precision (docs/analysis.md, "Rules for all figures"):
 * NaN is undefined and left out of whatever is taken over several values.
 */
import { valueAt } from '../../config/ladimo.ts';

export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}

/** Undefined where the divisor is 0. */
export function quotient(dividend: number, divisor: number): number {
  return divisor === 0 ? Number.NaN : dividend / divisor;
}

/** The values that are defined. */
export function defined(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values).filter((value) => !Number.isNaN(value));
}

export function mean(values: ArrayLike<number>): number {
  let [total, n] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    total += values[i]!;
    n++;
  }
  return total / n;
}

/** Of a population. */
export function variance(values: ArrayLike<number>): number {
  const known = defined(values);
  const centre = mean(known);
  return sum(known.map((value) => (value - centre) ** 2)) / known.length;
}

/** H of the distribution proportional to the weights, in nats. */
export function entropy(weights: ArrayLike<number>): number {
  const total = sum(weights);
  if (total === 0) return Number.NaN;
  let nats = 0;
  for (let i = 0; i < weights.length; i++) {
    const p = weights[i]! / total;
    if (p > 0) nats -= p * Math.log(p);
  }
  return nats;
}

/** What rounding makes negative is 0. */
export function notNegative(value: number): number {
  return value < 0 ? 0 : value;
}

/** Linear quantiles at position q·(n − 1), LaDiMo 4. */
export function quantiles(values: ArrayLike<number>, at: readonly number[]): Float64Array {
  const sorted = defined(values).sort();
  const n = sorted.length;
  return Float64Array.from(at, (q) => (n === 0 ? Number.NaN : valueAt(sorted, q * (n - 1))));
}

/** Means of values by group [groups]. */
export function meansBy(
  values: ArrayLike<number>,
  groupOf: ArrayLike<number>,
  groups: number,
): Float64Array {
  const sums = new Float64Array(groups);
  const numbers = new Int32Array(groups);
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    sums[groupOf[i]!]! += values[i]!;
    numbers[groupOf[i]!]!++;
  }
  return sums.map((total, group) => total / numbers[group]!);
}

/** Members of every group [groups]. */
export function membersOf(groupOf: ArrayLike<number>, groups: number): Int32Array {
  const numbers = new Int32Array(groups);
  for (let i = 0; i < groupOf.length; i++) numbers[groupOf[i]!]!++;
  return numbers;
}

/** Sums of a table [rows, columns] along its rows [rows] and its columns [columns]. */
export function margins(table: ArrayLike<number>, rows: number, columns: number) {
  const byRow = new Float64Array(rows);
  const byColumn = new Float64Array(columns);
  for (let i = 0; i < table.length; i++) {
    byRow[Math.floor(i / columns)]! += table[i]!;
    byColumn[i % columns]! += table[i]!;
  }
  return { byRow, byColumn };
}

/** Mutual information of rows and columns of a table of counts, in nats, and its bound. */
export function mutualInformation(table: ArrayLike<number>, rows: number, columns: number) {
  const { byRow, byColumn } = margins(table, rows, columns);
  const total = sum(byRow);
  if (total === 0) return { nats: Number.NaN, bound: Number.NaN };
  let nats = 0;
  for (let i = 0; i < table.length; i++) {
    const n = table[i]!;
    if (n === 0) continue;
    const independent = byRow[Math.floor(i / columns)]! * byColumn[i % columns]!;
    nats += (n / total) * Math.log((n * total) / independent);
  }
  return { nats: notNegative(nats), bound: Math.min(entropy(byRow), entropy(byColumn)) };
}
