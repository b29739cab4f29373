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

/** Of a mean over places: one that is not in it, and the seeds in which it is undefined. */
export interface PlaceLeftOut {
  label: string;
  seeds: readonly number[];
}

export interface JudgedPart extends PartTest, Pick<Effect, 'label' | 'unit' | 'side' | 'margin'> {
  /** Of a check: whether the mean lies within its margin; it has no words then. Null of a test. */
  inside: boolean | null;
}

export type Judged =
  | ({ test: 'difference' | 'value' | 'trend' } & EffectTest)
  | ({ test: 'optimum' } & OptimumTest)
  | ({ test: 'share'; seeds: readonly number[] } & ShareTest)
  | {
      test: 'parts';
      parts: readonly JudgedPart[];
      all: boolean;
      /** Of parts that are only listed: those that could not be tested. */
      refused: readonly { id: string; label: string; message: string }[];
      /** Null where parts are only listed. */
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
  /** Of the claim; none where parts are only listed, each with its own. */
  words: readonly Word[];
  judged: Judged;
  leftOut: readonly LeftOut[];
  placesLeftOut: readonly PlaceLeftOut[];
}

/** What one seed measured. */
export interface SeedReadings extends Readings {
  seed: number;
}

/** Of a run that diverged. */
const NAN: readonly number[] = [Number.NaN];

/** A seed's value or values; a gap notes why. */
class Collector {
  readonly leftOut: LeftOut[] = [];
  readonly placesLeftOut: PlaceLeftOut[] = [];
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

  /**
   * Means over those places of a list that are defined in every seed that has any: the same of all seeds.
   * @throws Refusal where there is no such place
   */
  means(value: Term, places: readonly string[]): SeedValue[] {
    const rows = this.#seeds.map((readings) => {
      const row = this.#of(readings, () => listOf(evaluate(value, readings)), NAN);
      return { seed: readings.seed, row: row?.some((one) => one !== null) ? row : null };
    });
    const known = rows.flatMap(({ seed, row }) => (row && row !== NAN ? [{ seed, row }] : []));
    const lacking = places.map((label, i) => {
      const seeds = known.filter(({ row }) => row[i] === null).map(({ seed }) => seed);
      return { label, seeds };
    });
    const kept = places.map((_, i) => i).filter((i) => lacking[i]!.seeds.length === 0);
    this.placesLeftOut.push(...lacking.filter(({ seeds }) => seeds.length > 0));
    const hasDiverged = rows.some(({ row }) => row === NAN);
    if (known.length > 0 && kept.length === 0 && !hasDiverged)
      throw new Refusal('settings', `none of ${places.length} places is defined in every seed`);
    const sum = (row: readonly (number | null)[]) => kept.reduce((all, i) => all + row[i]!, 0);
    return rows.map(({ seed, row }) => {
      if (row === null) return [seed, this.#note(seed, 'the figure is undefined')];
      return [seed, row === NAN ? Number.NaN : sum(row) / kept.length];
    });
  }

  /** Rows of a list per seed; the settings are those of the first seed that has them. */
  rows(settings: Term, values: Term): { settings: number[]; runs: SeedRow[] } {
    let known: number[] | null = null;
    const runs = this.#seeds.flatMap((seed): SeedRow[] => {
      const at = this.#of(seed, () => listOf(evaluate(settings, seed)), null);
      const row = this.#of(seed, () => listOf(evaluate(values, seed)), NAN);
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
    case 'value': {
      const { value, places } = effect;
      const values = places ? collector.means(value, places) : collector.numbers(value);
      return testValues(values, effect);
    }
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

/** The tests of parts: all of them are needed where together they are the effect. @throws Refusal */
function testedParts(
  { parts, all }: Extract<Effect, { test: 'parts' }>,
  collector: Collector,
): { tested: (Effect & { tested: EffectTest })[]; refused: { part: Effect; why: Refusal }[] } {
  const refused: { part: Effect; why: Refusal }[] = [];
  const tested = parts.flatMap((part) => {
    try {
      return [{ ...part, tested: testMean(part, collector) }];
    } catch (error) {
      if (all || !(error instanceof Refusal)) throw error;
      refused.push({ part, why: error });
      return [];
    }
  });
  const [first] = refused;
  if (tested.length === 0) throw first?.why ?? new Refusal('seeds', 'there are no parts');
  return { tested, refused };
}

/** A part of a check: no test, and so no words. */
function checkedPart({ id, margin, tested }: Effect & { tested: EffectTest }) {
  const inside = margin !== null && Math.abs(tested.d) <= margin;
  return { ...tested, id, adjusted: null, words: [], deciding: null, inside };
}

/** Parts of a claim, with one word for all or each with its own. @throws Refusal */
function judgeParts(
  effect: Extract<Effect, { test: 'parts' }>,
  collector: Collector,
): { judged: Judged; words: readonly Word[] } {
  const { all, check } = effect;
  const { tested, refused } = testedParts(effect, collector);
  const given = tested.map(({ id, side, margin, tested: test }) => ({ id, side, margin, test }));
  const { parts, words, deciding } = testParts(given);
  const labelled = parts.map((part, i): JudgedPart => {
    const { label, unit, side, margin } = tested[i]!;
    const own = check ? checkedPart(tested[i]!) : { ...part, inside: null };
    return { ...own, label, unit, side, margin };
  });
  return {
    judged: {
      ...{ test: 'parts', parts: labelled, all },
      refused: refused.map(({ part: { id, label }, why: { message } }) => ({ id, label, message })),
      deciding: all ? deciding : null,
      n: Math.max(...parts.map((part) => part.n)),
    },
    words: all ? words : [],
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
  const collector = new Collector(seeds);
  const { leftOut, placesLeftOut } = collector;
  const head = { id, label, side, unit, margin, leftOut, placesLeftOut };
  try {
    return { ...head, ...judge(effect, collector) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const judged = { test: 'refused', reason: error.reason, message: error.message } as const;
    const isListed = effect.test === 'parts' && !effect.all;
    return { ...head, judged, words: isListed ? [] : ['undecided'] };
  }
}

/** One mean over seeds of an effect: `part` is the id of a part, '' of the effect itself. */
export interface EffectMean {
  part: string;
  label: string;
  n: number;
  d: number;
  s: number;
}

/** Means over seeds that an effect is made of; none for an optimum, a share, or what was refused. */
export function meansOf({ judged, label }: EffectVerdict): readonly EffectMean[] {
  switch (judged.test) {
    case 'difference':
    case 'value':
    case 'trend':
      return [{ part: '', label, n: judged.n, d: judged.d, s: judged.s }];
    case 'parts':
      return judged.parts.map(({ id, label, n, d, s }) => ({ part: id, label, n, d, s }));
    default:
      return [];
  }
}
