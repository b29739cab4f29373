import type { OpenSession } from '../runner.ts';
import type { Measurement } from '../subject.ts';
import type { Suite } from '../suite.ts';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
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

/** Relative difference of two numbers that should be equal. */
export function difference(a: number, b: number): number {
  return Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b), 1e-30);
}
