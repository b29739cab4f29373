/** One effect over the seeds of a result. */
import { DivergedRun, evaluate, listOf, MissingRun, numberOf, type Readings } from './evaluate.ts';
import type { Effect, Side, Unit } from './recipe.ts';
import { type EffectTest, pairedValues, testValues, type Word } from './statistics/effect.ts';
import { Refusal, type RefusalReason, type SeedRow, type SeedValue } from './statistics/seeds.ts';
import {
  type OptimumTest,
  type PartTest,
  type ShareTest,
  testOptimum,
  testParts,
  testShare,
  testTrend,
} from './statistics/structures.ts';
import type { Term } from './term.ts';

/** A seed that does not count, and why. */
export interface LeftOut {
  seed: number;
  why: string;
}

export type Judged =
  | ({ test: 'difference' | 'value' | 'trend' } & EffectTest)
  | ({ test: 'optimum' } & OptimumTest)
  | ({ test: 'share'; seeds: readonly number[] } & ShareTest)
  | {
      test: 'parts';
      parts: readonly (PartTest & Pick<Effect, 'label' | 'unit' | 'side' | 'margin'>)[];
      all: boolean;
      /** Of parts that are only listed: those that could not be tested. */
      refused: readonly { id: string; label: string; message: string }[];
      deciding: number | null;
      n: number;
    }
  /** Nothing could be tested. */
  | { test: 'refused'; reason: RefusalReason; message: string };

export interface EffectVerdict {
  id: string;
  label: string;
  side: Side;
  unit: Unit;
  margin: number | null;
  /** Of the claim; of the first part where parts are only listed. */
  words: readonly Word[];
  judged: Judged;
  leftOut: readonly LeftOut[];
}

/** What one seed measured. */
export interface SeedReadings extends Readings {
  seed: number;
}

/** A seed's value or values; a gap notes why. */
class Collector {
  readonly leftOut: LeftOut[] = [];
  readonly #seeds: readonly SeedReadings[];

  constructor(seeds: readonly SeedReadings[]) {
    this.#seeds = seeds;
  }

  #note(seed: number, why: string): null {
    if (!this.leftOut.some((one) => one.seed === seed)) this.leftOut.push({ seed, why });
    return null;
  }

  /** Values of a term, from what its value gives: NaN where a run diverged, null for a gap. */
  #of<T>(seed: SeedReadings, compute: () => T, diverged: T): T | null {
    try {
      return compute();
    } catch (error) {
      if (error instanceof DivergedRun) return diverged;
      if (error instanceof MissingRun) return this.#note(seed.seed, error.message);
      throw error;
    }
  }

  numbers(term: Term): SeedValue[] {
    return this.#seeds.map((seed) => {
      const value = this.#of(seed, () => numberOf(evaluate(term, seed)), Number.NaN);
      return [seed.seed, value ?? this.#note(seed.seed, 'the figure is undefined')];
    });
  }

  /** Rows of a list per seed; the settings are those of the first seed that has them. */
  rows(settings: Term, values: Term): { settings: number[]; runs: SeedRow[] } {
    let known: number[] | null = null;
    const runs = this.#seeds.flatMap((seed): SeedRow[] => {
      const at = this.#of(seed, () => listOf(evaluate(settings, seed)), null);
      const row = this.#of(seed, () => listOf(evaluate(values, seed)), [Number.NaN]);
      if (row === null || (at === null && !row.some(Number.isNaN))) return [[seed.seed, [null]]];
      if (at !== null) known ??= at.map((value) => value ?? Number.NaN);
      if (row.includes(null)) this.#note(seed.seed, 'a figure is undefined at one of the settings');
      return [[seed.seed, row]];
    });
    return { settings: known ?? [], runs };
  }
}

/** The test of an effect that is one mean over seeds. @throws Refusal */
function testMean(effect: Effect, collector: Collector): EffectTest {
  switch (effect.test) {
    case 'difference': {
      const [variant, reference] = [effect.variant, effect.reference].map((term) =>
        collector.numbers(term),
      );
      return testValues(pairedValues(variant!, reference!, effect.measure), effect);
    }
    case 'value':
      return testValues(collector.numbers(effect.value), effect);
    case 'trend': {
      const { settings, runs } = collector.rows(effect.settings, effect.values);
      return testTrend(settings, runs, effect);
    }
    default:
      throw new RangeError(
        `${effect.id}: a part of a claim is one mean over seeds, not ${effect.test}`,
      );
  }
}

/** Parts of a claim: all of them are needed where together they are the effect. @throws Refusal */
function judgeParts(
  effect: Extract<Effect, { test: 'parts' }>,
  collector: Collector,
): { judged: Judged; words: readonly Word[] } {
  const refused: { id: string; label: string; message: string }[] = [];
  const given = effect.parts.flatMap((part) => {
    try {
      return [{ ...part, test: testMean(part, collector) }];
    } catch (error) {
      if (effect.all || !(error instanceof Refusal)) throw error;
      refused.push({ id: part.id, label: part.label, message: error.message });
      return [];
    }
  });
  if (given.length === 0) throw new Refusal('seeds', refused[0]?.message ?? 'there are no parts');
  const { parts, words, deciding } = testParts(given);
  const labelled = parts.map((part, i) => {
    const { label, unit, side, margin } = given[i]!;
    return { ...part, label, unit, side, margin };
  });
  const n = Math.max(...parts.map((part) => part.n));
  const { all } = effect;
  const first = parts.find(({ id }) => id === effect.parts[0]?.id);
  return {
    judged: { test: 'parts', parts: labelled, all, refused, deciding, n },
    words: all ? words : (first?.words ?? ['undecided']),
  };
}

function judge(effect: Effect, collector: Collector): { judged: Judged; words: readonly Word[] } {
  switch (effect.test) {
    case 'optimum': {
      const { settings, runs } = collector.rows(effect.settings, effect.values);
      const test = testOptimum(settings, runs, effect.better);
      return { judged: { test: 'optimum', ...test }, words: test.words };
    }
    case 'share': {
      const hits = collector.numbers(effect.hit).filter(([, hit]) => hit !== null);
      const diverged = hits.find(([, hit]) => Number.isNaN(hit));
      if (diverged) throw new Refusal('value', `seed ${diverged[0]}: a run diverged`);
      const count = hits.filter(([, hit]) => hit === 1).length;
      const test = testShare(count, hits.length, effect.chance, effect.side);
      const seeds = hits.map(([seed]) => seed);
      return { judged: { test: 'share', seeds, ...test }, words: test.words };
    }
    case 'parts':
      return judgeParts(effect, collector);
    default: {
      const test = testMean(effect, collector);
      return { judged: { test: effect.test, ...test }, words: test.words };
    }
  }
}

/** What an effect is over seeds; a test that cannot be made is *undecided*, with the reason. */
export function judgeEffect(effect: Effect, seeds: readonly SeedReadings[]): EffectVerdict {
  const { id, label, side, unit, margin } = effect;
  const head = { id, label, side, unit, margin };
  const collector = new Collector(seeds);
  try {
    const found = judge(effect, collector);
    return { ...head, ...found, leftOut: collector.leftOut };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const judged = { test: 'refused', reason: error.reason, message: error.message } as const;
    return { ...head, judged, words: ['undecided'], leftOut: collector.leftOut };
  }
}

/** Means over seeds that an effect is made of; none for an optimum, a share, or what was refused. */
export function meansOf({ judged }: EffectVerdict): readonly { n: number; d: number; s: number }[] {
  switch (judged.test) {
    case 'difference':
    case 'value':
    case 'trend':
      return [judged];
    case 'parts':
      return judged.parts;
    default:
      return [];
  }
}
