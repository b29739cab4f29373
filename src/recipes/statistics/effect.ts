/** A mean over seeds against 0 and against a margin, and the words that follow (docs/statistics.md). */
import type { Side } from '../recipe.ts';
import { ALPHA, tCdf, tTwoSided } from './distributions.ts';
import {
  matchRows,
  meanAndDeviation,
  Refusal,
  requireSeeds,
  rowsOf,
  type SeedValue,
} from './seeds.ts';

export type Word = 'agrees' | 'disagrees' | 'equivalent' | 'undecided';
export type Interval = readonly [low: number, high: number];

/** Most seeds that are looked at for what would decide. */
export const MOST_SEEDS = 1000;

/** What is known of the seeds' values. */
export interface Summary {
  n: number;
  /** Mean and deviation of the sample. */
  d: number;
  s: number;
}

/** What is claimed of them. */
export interface Claimed {
  side: Side;
  margin: number | null;
}

export interface Tested extends Summary {
  zeroSpread: boolean;
  /** Null at zero spread. */
  t: number | null;
  interval95: Interval;
  interval90: Interval;
  /** Two-sided, against 0. */
  p: number;
  /** p against d ≤ −margin and against d ≥ margin; null without a margin. */
  tost: readonly [number, number] | null;
  words: readonly Word[];
  /** Smallest number of seeds that would decide at this d and s; null where none does, or it is decided. */
  deciding: number | null;
  /** Smallest difference that n seeds find. */
  findable: number;
}

export interface EffectTest extends Tested {
  seeds: readonly number[];
  leftOut: readonly number[];
  /** By seed. */
  values: readonly number[];
}

/** What the words rest on. */
export interface Evidence {
  d: number;
  p: number;
  tost: readonly [number, number] | null;
}

/** @throws Refusal for a margin that is not above 0, or none where no difference is claimed */
export function requireMargin({ side, margin }: Claimed): void {
  if (margin !== null && !(margin > 0))
    throw new Refusal('margin', `a margin of ${margin}; it must be above 0`);
  if (side === 'none' && margin === null)
    throw new Refusal('margin', 'no difference is claimed, but there is no margin for it');
}

function intervalOf({ n, d, s }: Summary, alpha: number): Interval {
  if (s === 0) return [d, d];
  const half = (tTwoSided(alpha, n - 1) * s) / Math.sqrt(n);
  return [d - half, d + half];
}

function evidenceOf(of: Summary, margin: number | null): Evidence & { t: number | null } {
  const { n, d, s } = of;
  if (s === 0) {
    const tost = margin === null ? null : ([d >= -margin ? 0 : 1, d <= margin ? 0 : 1] as const);
    return { d, t: null, p: d === 0 ? 1 : 0, tost };
  }
  const error = s / Math.sqrt(n);
  const t = d / error;
  const tost =
    margin === null
      ? null
      : ([tCdf(-(d + margin) / error, n - 1), tCdf((d - margin) / error, n - 1)] as const);
  return { d, t, p: Math.min(1, 2 * tCdf(-Math.abs(t), n - 1)), tost };
}

/** Whether the 90 % interval lies within the margin, its ends included. */
function isEquivalent({ tost }: Evidence): boolean {
  return tost !== null && Math.max(...tost) <= ALPHA;
}

/** Words of the evidence; `p` may be an adjusted one. */
export function wordsOf(evidence: Evidence, { side }: Claimed): Word[] {
  const within = isEquivalent(evidence);
  if (side === 'none') {
    if (within) return ['agrees'];
    // The whole 95 % interval beyond one margin: a one-sided p of half the level against it.
    const isBeyond = evidence.tost?.some((p) => 1 - p < ALPHA / 2) ?? false;
    return isBeyond ? ['disagrees'] : ['undecided'];
  }
  const words: Word[] = [];
  if (evidence.p < ALPHA && evidence.d !== 0) {
    words.push(evidence.d < 0 === (side === '<') ? 'agrees' : 'disagrees');
  }
  if (within) words.push('equivalent');
  return words.length === 0 ? ['undecided'] : words;
}

export function isUndecided(words: readonly Word[]): boolean {
  return words[0] === 'undecided';
}

/** Smallest n₂ from n + 1 on at which `isDecided`; null where there is none up to `MOST_SEEDS`. */
export function firstDeciding(n: number, isDecided: (n: number) => boolean): number | null {
  for (let n2 = n + 1; n2 <= MOST_SEEDS; n2++) if (isDecided(n2)) return n2;
  return null;
}

/** Smallest difference that n seeds of deviation s find. @throws Refusal for fewer than three seeds */
export function findable(s: number, n: number): number {
  requireSeeds(n);
  return (tTwoSided(ALPHA, n - 1) * s) / Math.sqrt(n);
}

/** Tests a mean of which number, mean and deviation are known. @throws Refusal for a wrong margin */
export function testSummary(of: Summary, claimed: Claimed): Tested {
  requireMargin(claimed);
  const { t, p, tost } = evidenceOf(of, claimed.margin);
  const words = wordsOf({ d: of.d, p, tost }, claimed);
  const decided = (n: number) =>
    !isUndecided(wordsOf(evidenceOf({ ...of, n }, claimed.margin), claimed));
  return {
    n: of.n,
    d: of.d,
    s: of.s,
    zeroSpread: of.s === 0,
    t,
    interval95: intervalOf(of, ALPHA),
    interval90: intervalOf(of, 2 * ALPHA),
    p,
    tost,
    words,
    deciding: isUndecided(words) ? firstDeciding(of.n, decided) : null,
    findable: findable(of.s, of.n),
  };
}

/** Words at another number of seeds, with an adjusted p in the place of the own one. */
export function evidenceAt(of: Summary, n: number, margin: number | null): Evidence {
  return evidenceOf({ d: of.d, s: of.s, n }, margin);
}

/**
 * The seeds' own values against 0.
 * @throws Refusal
 */
export function testValues(values: readonly SeedValue[], claimed: Claimed): EffectTest {
  requireMargin(claimed);
  const { rows, leftOut } = matchRows(rowsOf([values]));
  const counted = rows.map((row) => row.values[0]!);
  const summary = { n: rows.length, ...meanAndDeviation(counted) };
  const seeds = rows.map(({ seed }) => seed);
  return { seeds, leftOut, values: counted, ...testSummary(summary, claimed) };
}

/** Values of a pair by seed: variant − reference, or variant/reference − 1. */
export function pairedValues(
  variant: readonly SeedValue[],
  reference: readonly SeedValue[],
  measure: 'difference' | 'ratio' = 'difference',
): SeedValue[] {
  return rowsOf([variant, reference]).map(([seed, [a = null, b = null]]) => {
    if (a === null || b === null) return [seed, null];
    // What is not finite is no reference that is too small: it is refused as such.
    if (!Number.isFinite(a) || !Number.isFinite(b)) return [seed, Number.isFinite(a) ? b : a];
    if (measure === 'difference') return [seed, a - b];
    if (!(b > 0))
      throw new Refusal('reference', `seed ${seed}: a ratio to ${b}; it must be above 0`);
    return [seed, a / b - 1];
  });
}
