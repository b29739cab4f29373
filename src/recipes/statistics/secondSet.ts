/** A second set of seeds: what is predicted of its mean, and how many claims may fall outside. */
import { ALPHA, binomialAtMost, tTwoSided } from './distributions.ts';
import type { Interval, Summary } from './effect.ts';

/** Interval that holds the mean of a second set of `second` seeds with 95 %. */
export function predictionInterval({ n, d, s }: Summary, second: number): Interval {
  if (s === 0) return [d, d];
  const half = tTwoSided(ALPHA, n - 1) * s * Math.sqrt(1 / n + 1 / second);
  return [d - half, d + half];
}

/** Whether a mean lies outside; on an end is inside. */
export function isOutside([low, high]: Interval, mean: number): boolean {
  return mean < low || mean > high;
}

/** Probability with which no more fall outside than are allowed. */
const CERTAINTY = 0.99;

/** How many of so many claims may fall outside of their interval. */
export function allowedOutside(claims: number): number {
  if (claims === 0) return 0;
  let k = 0;
  while (binomialAtMost(k, claims, ALPHA) < CERTAINTY) k++;
  return k;
}
