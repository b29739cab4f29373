/** Trends, optima, several parts, shares of seeds: what a claim may be besides one difference. */
import type { Side } from '../recipe.ts';
import { ALPHA, binomialAtLeast, binomialAtMost, clopperPearson } from './distributions.ts';
import {
  type Claimed,
  type EffectTest,
  evidenceAt,
  firstDeciding,
  type Interval,
  isUndecided,
  testSummary,
  testValues,
  type Word,
  wordsOf,
} from './effect.ts';
import { line } from './line.ts';
import { matchRows, meanAndDeviation, Refusal, requireSeeds, type SeedRow } from './seeds.ts';

/** Slope per seed over the settings, against 0; a seed with a gap is left out. @throws Refusal */
export function testTrend(
  settings: readonly number[],
  runs: readonly SeedRow[],
  claimed: Claimed,
): EffectTest {
  // Where no seed has a row, nothing tells the settings: what is wrong with the seeds comes first.
  const { rows, leftOut } = matchRows(runs);
  if (new Set(settings).size < 2)
    throw new Refusal(
      'settings',
      `a trend over ${settings}: at least two different ones are needed`,
    );
  const slopes = rows.map(({ seed, values }) => [seed, line(settings, values).slope] as const);
  return { ...testValues(slopes, claimed), leftOut };
}

/** An end of a range against the best value inside. */
export interface EndTest {
  setting: number;
  /** end − best. */
  d: number;
  s: number;
  interval95: Interval;
  p: number;
}

export interface OptimumTest {
  seeds: readonly number[];
  leftOut: readonly number[];
  n: number;
  /** By ascending setting. */
  settings: readonly number[];
  means: readonly number[];
  /** Setting of the best interior mean. */
  best: number;
  ends: readonly [EndTest, EndTest];
  words: readonly Word[];
  deciding: number | null;
}

/** Word of an optimum from its ends, `worse` being the side on which an end is worse. */
function optimumWord(ends: readonly { d: number; p: number }[], worse: 1 | -1): Word {
  const beyond = ends.map(({ d, p }) => (p < ALPHA ? Math.sign(d) * worse : 0));
  if (beyond.includes(-1)) return 'disagrees';
  return beyond.every((side) => side === 1) ? 'agrees' : 'undecided';
}

/** Whether the best setting lies inside of the range. @throws Refusal */
export function testOptimum(
  settings: readonly number[],
  runs: readonly SeedRow[],
  better: 'lower' | 'higher',
): OptimumTest {
  const { rows, leftOut } = matchRows(runs);
  const order = settings.map((_, i) => i).sort((a, b) => settings[a]! - settings[b]!);
  const ascending = order.map((i) => settings[i]!);
  if (settings.length < 3 || new Set(settings).size < settings.length)
    throw new Refusal('settings', `an optimum over ${settings}: at least three, none twice`);
  const columns = order.map((i) => rows.map(({ values }) => values[i]!));
  const means = columns.map((column) => meanAndDeviation(column).d);
  const worse = better === 'lower' ? 1 : -1;
  const inside = means.slice(1, -1).map((mean) => mean * worse);
  const best = 1 + inside.indexOf(Math.min(...inside));
  const n = rows.length;
  const summaries = [0, means.length - 1].map((end) => {
    const differences = rows.map((_, seed) => columns[end]![seed]! - columns[best]![seed]!);
    return { setting: ascending[end]!, n, ...meanAndDeviation(differences) };
  });
  const ends = summaries.map(({ setting, ...of }): EndTest => {
    const { d, s, interval95, p } = testSummary(of, { side: '>', margin: null });
    return { setting, d, s, interval95, p };
  });
  const word = optimumWord(ends, worse);
  const decided = (n2: number) =>
    optimumWord(
      summaries.map((of) => evidenceAt(of, n2, null)),
      worse,
    ) !== 'undecided';
  return {
    seeds: rows.map(({ seed }) => seed),
    leftOut,
    n,
    settings: ascending,
    means,
    best: ascending[best]!,
    ends: [ends[0]!, ends[1]!],
    words: [word],
    deciding: word === 'undecided' ? firstDeciding(n, decided) : null,
  };
}

/** p adjusted after Holm, in the order given: of its rank j the largest (m − i + 1)·p₍ᵢ₎ up to it, at most 1. */
export function holm(p: readonly number[]): number[] {
  const order = p.map((_, i) => i).sort((a, b) => p[a]! - p[b]!);
  const adjusted = p.map(() => 0);
  let largest = 0;
  for (const [rank, i] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (p.length - rank) * p[i]!));
    adjusted[i] = largest;
  }
  return adjusted;
}

/** `deciding`: with all parts of so many seeds, after Holm. */
export interface PartTest extends EffectTest {
  id: string;
  /** Null for a part that claims no difference. */
  adjusted: number | null;
}

/** A part's claim and what was tested of it alone. */
export interface Part extends Claimed {
  id: string;
  test: EffectTest;
}

export interface PartsTest {
  parts: readonly PartTest[];
  /** Of all parts together. */
  words: readonly Word[];
  deciding: number | null;
}

/** Words of every part at its own number of seeds, or at `n` for all, after Holm. */
function partWords(parts: readonly Part[], n: number | null) {
  const evidence = parts.map(({ test, margin }) => evidenceAt(test, n ?? test.n, margin));
  const differing = parts.map((_, i) => i).filter((i) => parts[i]!.side !== 'none');
  const p = holm(differing.map((i) => evidence[i]!.p));
  return parts.map((part, i) => {
    const adjusted = differing.includes(i) ? p[differing.indexOf(i)]! : null;
    const words = wordsOf({ ...evidence[i]!, p: adjusted ?? evidence[i]!.p }, part);
    return { adjusted, words };
  });
}

/** *disagrees* if one part does, else *agrees* if all do, and *equivalent* if all are. */
function wordsOfAll(words: readonly (readonly Word[])[]): Word[] {
  const together: Word[] = [];
  if (words.some((own) => own.includes('disagrees'))) together.push('disagrees');
  else if (words.every((own) => own.includes('agrees'))) together.push('agrees');
  if (words.every((own) => own.includes('equivalent'))) together.push('equivalent');
  return together.length === 0 ? ['undecided'] : together;
}

/** Parts of one claim, adjusted after Holm. */
export function testParts(parts: readonly Part[]): PartsTest {
  const found = partWords(parts, null);
  const words = wordsOfAll(found.map((part) => part.words));
  const most = Math.max(...parts.map(({ test }) => test.n));
  const known = new Map<number, (readonly Word[])[]>();
  const wordsAt = (n: number) => {
    const at = known.get(n) ?? partWords(parts, n).map((part) => part.words);
    known.set(n, at);
    return at;
  };
  const decidingOf = (now: readonly Word[], at: (n: number) => readonly Word[]) =>
    isUndecided(now) ? firstDeciding(most, (n) => !isUndecided(at(n))) : null;
  return {
    parts: parts.map(({ id, test }, i) => {
      const part = found[i]!;
      return { ...test, id, ...part, deciding: decidingOf(part.words, (n) => wordsAt(n)[i]!) };
    }),
    words,
    deciding: decidingOf(words, (n) => wordsOfAll(wordsAt(n))),
  };
}

export interface ShareTest {
  hits: number;
  n: number;
  share: number;
  /** share − chance. */
  d: number;
  /** Of the share, Clopper and Pearson. */
  interval95: Interval;
  p: number;
  words: readonly Word[];
  deciding: number | null;
}

function shareWord(interval: Interval, chance: number, side: Side): Word {
  const [low, high] = interval;
  if (low <= chance && high >= chance) return 'undecided';
  return low > chance === (side === '>') ? 'agrees' : 'disagrees';
}

/** A share of the seeds against a chance. @throws Refusal for fewer than three seeds */
export function testShare(hits: number, n: number, chance: number, side: Side): ShareTest {
  requireSeeds(n);
  const interval95 = clopperPearson(hits, n);
  const tail = Math.min(binomialAtMost(hits, n, chance), binomialAtLeast(hits, n, chance));
  const word = shareWord(interval95, chance, side);
  const decided = (n2: number) =>
    (hits * n2) % n === 0 &&
    shareWord(clopperPearson((hits * n2) / n, n2), chance, side) !== 'undecided';
  return {
    hits,
    n,
    share: hits / n,
    d: hits / n - chance,
    interval95,
    p: Math.min(1, 2 * tail),
    words: [word],
    deciding: word === 'undecided' ? firstDeciding(n, decided) : null,
  };
}
