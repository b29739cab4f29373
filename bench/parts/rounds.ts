import { ALPHA, binomialAtMost } from '../../src/recipes/statistics/distributions.ts';
import type { Interval } from '../../src/recipes/statistics/effect.ts';
import type { OpenSession } from '../runner.ts';
import type { Measurement } from '../subject.ts';
import type { Suite } from '../suite.ts';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}

/**
 * Interval that holds the median with 95 %, from the ranks alone, whatever the distribution; null where
 * there are too few values for one.
 */
export function medianInterval(values: readonly number[]): Interval | null {
  const sorted = [...values].sort((a, b) => a - b);
  let rank = 0;
  while (binomialAtMost(rank, sorted.length, 0.5) <= ALPHA / 2) rank++;
  const [low, high] = [sorted[rank - 1], sorted[sorted.length - rank]];
  return low === undefined || high === undefined ? null : [low, high];
}

/** One piece of prepared work in a session. */
export interface Contender {
  session: OpenSession;
  id: number;
}

/** Uses a session of our own engine, and closes it. */
export async function withOurs<T>(
  { runner }: Suite,
  use: (session: OpenSession) => Promise<T>,
): Promise<T> {
  const session = await runner.start('ours');
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

export interface Rounds {
  /** Median over the rounds, ms per run. */
  ms: number;
  /** (slowest − fastest round) / median */
  spread: number;
  /** The last round's. */
  counts: Measurement['counts'];
}

/**
 * Measures contenders in turn, round after round, so that what disturbs the machine disturbs all.
 * A round of one contender takes about `budgetMs`, but at least one run and at most `mostRuns`.
 */
export async function measureInTurn<T extends Contender>(
  contenders: readonly T[],
  { rounds, mostRuns, budgetMs = 2000 }: { rounds: number; mostRuns: number; budgetMs?: number },
): Promise<Map<T, Rounds>> {
  const measured = new Map<T, Measurement[]>(contenders.map((one) => [one, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [one, done] of measured) {
      const expected = done.at(-1)?.ms ?? budgetMs;
      const runs = Math.min(mostRuns, Math.max(1, Math.floor(budgetMs / expected)));
      done.push(await one.session.measure(one.id, runs));
    }
  }
  const figures = ([one, done]: [T, Measurement[]]): [T, Rounds] => {
    const times = done.map(({ ms }) => ms);
    const last = done.at(-1);
    if (!last) throw new RangeError(`rounds: ${rounds} is not at least 1`);
    const ms = median(times);
    const spread = (Math.max(...times) - Math.min(...times)) / ms;
    return [one, { ms, spread, counts: last.counts }];
  };
  return new Map([...measured].map(figures));
}

export interface Pairs {
  /** Median over the pairs, ms per run. */
  ms: number;
  /** Median of the ratios within a pair, and its interval. */
  ratio: number;
  interval: Interval | null;
  counts: Measurement['counts'];
}

/**
 * Measures contenders each beside one other, turn by turn: the order within a pair changes from round to round, so
 * that neither what disturbs the machine for a while nor what one turn leaves to the next favours one of them.
 * A turn takes about `budgetMs`, but at least one run and at most `mostRuns`.
 */
export async function measurePairs<T extends Contender>(
  base: Contender,
  others: readonly T[],
  { rounds, mostRuns, budgetMs = 500 }: { rounds: number; mostRuns: number; budgetMs?: number },
): Promise<Map<T, Pairs>> {
  const { ms: expected } = await base.session.measure(base.id, 1);
  const runs = Math.min(mostRuns, Math.max(1, Math.floor(budgetMs / expected)));
  const measured = new Map<T, { base: Measurement; other: Measurement }[]>();
  for (const other of others) measured.set(other, []);
  for (let round = 0; round < rounds; round++) {
    for (const [other, done] of measured) {
      const turn = (one: Contender) => one.session.measure(one.id, runs);
      if (round % 2 === 0) done.push({ base: await turn(base), other: await turn(other) });
      else {
        const second = await turn(other);
        done.push({ base: await turn(base), other: second });
      }
    }
  }
  const figures = ([other, done]: [T, { base: Measurement; other: Measurement }[]]): [T, Pairs] => {
    const last = done.at(-1);
    if (!last) throw new RangeError(`rounds: ${rounds} is not at least 1`);
    const ratios = done.map((pair) => pair.other.ms / pair.base.ms);
    const ms = median(done.map((pair) => pair.other.ms));
    const interval = medianInterval(ratios);
    return [other, { ms, ratio: median(ratios), interval, counts: last.other.counts }];
  };
  return new Map([...measured].map(figures));
}

/** Relative difference of two numbers that should be equal. */
export function difference(a: number, b: number): number {
  return Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b), 1e-30);
}
