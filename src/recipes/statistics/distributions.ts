/** Distributions of which verdicts are made, by the functions of @stdlib. */
import betaQuantile from '@stdlib/stats-base-dists-beta-quantile';
import binomialCdf from '@stdlib/stats-base-dists-binomial-cdf';
import studentCdf from '@stdlib/stats-base-dists-t-cdf';
import studentQuantile from '@stdlib/stats-base-dists-t-quantile';

/** Level of every test, two-sided; intervals hold the rest. */
export const ALPHA = 0.05;

/** P(T ≤ t), Student's t with `df` degrees of freedom. */
export function tCdf(t: number, df: number): number {
  return studentCdf(t, df);
}

/** Half-width of a two-sided interval in standard errors: the quantile of t at 1 − alpha/2. */
export function tTwoSided(alpha: number, df: number): number {
  return studentQuantile(1 - alpha / 2, df);
}

/** P(X ≤ k) of n trials. */
export function binomialAtMost(k: number, n: number, p: number): number {
  return k < 0 ? 0 : binomialCdf(k, n, p);
}

/** P(X ≥ k), by the failures, so that a small tail keeps its digits. */
export function binomialAtLeast(k: number, n: number, p: number): number {
  return binomialAtMost(n - k, n, 1 - p);
}

/** Interval of a share by Clopper and Pearson: k of n, at 1 − ALPHA. */
export function clopperPearson(k: number, n: number): [low: number, high: number] {
  const low = k === 0 ? 0 : betaQuantile(ALPHA / 2, k, n - k + 1);
  const high = k === n ? 1 : betaQuantile(1 - ALPHA / 2, k + 1, n - k);
  return [low, high];
}
