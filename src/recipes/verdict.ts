/** What a result says of its claim: effects over seeds, in words, with every number they rest on. */

import { counted } from '../config/plural.ts';
import {
  type EffectMean,
  type EffectVerdict,
  judgeEffect,
  meansOf,
  type SeedReadings,
} from './judge.ts';
import { seedsOf } from './merge.ts';
import type { Recipe } from './recipe.ts';
import type { RecipeResult, UnitResult } from './result.ts';
import { findable, type Word } from './statistics/effect.ts';
import { FEWEST_SEEDS } from './statistics/seeds.ts';

export interface Verdict {
  recipe: string;
  seeds: readonly number[];
  /** Of the primary effect; none for a figure without a claim. */
  words: readonly Word[];
  onPapersSide: boolean;
  primary: EffectVerdict | null;
  shown: readonly EffectVerdict[];
  /**
   * Seeds more than count, so that the primary effect would be decided, or could be tested at all; null where none is
   * needed or would do.
   */
  missing: number | null;
}

/** What every seed measured, its groups joined. */
export function readingsOf(result: RecipeResult): SeedReadings[] {
  return seedsOf(result).map((seed) => {
    const units = result.units.filter((unit) => unit.seed === seed);
    const ran = new Set(units.flatMap(({ runs }) => runs.map(({ variant }) => variant)));
    return { seed, measured: joined(units), diverged: divergedOf(units), ran };
  });
}

function joined(units: readonly UnitResult[]): UnitResult['measured'] {
  const measured: Record<string, UnitResult['measured'][string]> = {};
  for (const unit of units) {
    for (const [id, variants] of Object.entries(unit.measured)) {
      measured[id] = { ...measured[id], ...variants };
    }
  }
  return measured;
}

function divergedOf(units: readonly UnitResult[]): Set<string> {
  const runs = units.flatMap((unit) => unit.runs.filter(({ diverged }) => diverged !== null));
  return new Set(runs.map(({ variant }) => variant));
}

/** Whether the words are the paper's side: *agrees*, or *equivalent* where the claim is "no worse". */
function isOnPapersSide(recipe: Recipe, words: readonly Word[]): boolean {
  const noWorse = recipe.primary?.noWorse === true && words[0] === 'equivalent';
  return words.includes('agrees') || noWorse;
}

/** The words as a sentence has them. */
export function sayWords({ words, onPapersSide }: Pick<Verdict, 'words' | 'onPapersSide'>): string {
  if (words.length === 0) return 'no claim';
  const isNoWorse = onPapersSide && !words.includes('agrees');
  return words.join(', ') + (isNoWorse ? ' (no worse, which is the paper’s side)' : '');
}

/** Seeds that an effect lacks to be decided; null where it is decided or none would do. */
export function missingSeeds(
  { judged }: EffectVerdict,
  seeds: number,
  leftOut: number,
): number | null {
  if (judged.test !== 'refused')
    return judged.deciding === null ? null : judged.deciding - judged.n;
  return judged.reason === 'seeds' ? Math.max(1, FEWEST_SEEDS - (seeds - leftOut)) : null;
}

/** What more seeds are for: where nothing could be tested no spread is known that would decide. */
export function sayMissing({ primary }: Pick<Verdict, 'primary'>, missing: number): string {
  const more = counted(missing, 'more seed');
  if (primary?.judged.test !== 'refused') return `${more} would decide`;
  return `${more} ${missing === 1 ? 'is' : 'are'} needed for a test`;
}

export function verdictOf(recipe: Recipe, result: RecipeResult): Verdict {
  const readings = readingsOf(result);
  const primary = recipe.primary === null ? null : judgeEffect(recipe.primary, readings);
  const words = primary?.words ?? [];
  return {
    recipe: recipe.name,
    seeds: readings.map(({ seed }) => seed),
    words,
    onPapersSide: isOnPapersSide(recipe, words),
    primary,
    shown: recipe.shown.map((effect) => judgeEffect(effect, readings)),
    missing: primary && missingSeeds(primary, readings.length, primary.leftOut.length),
  };
}

/** Numbers for seeds that a result does not have yet, the smallest first. */
export function nextSeeds(taken: readonly number[], count: number): number[] {
  const seeds: number[] = [];
  for (let seed = 1; seeds.length < count; seed++) if (!taken.includes(seed)) seeds.push(seed);
  return seeds;
}

/** Means of the primary effect of a result. */
function primaryMeans(recipe: Recipe, result: RecipeResult): readonly EffectMean[] {
  const { primary } = verdictOf(recipe, result);
  return primary === null ? [] : meansOf(primary);
}

/**
 * Smallest difference of the primary effect that n seeds find, at the spread of a result (a pilot or the
 * recorded one); of several parts the largest; null where the effect is no mean over seeds, or n are too few.
 */
export function smallestDifference(recipe: Recipe, result: RecipeResult, n: number): number | null {
  const means = primaryMeans(recipe, result);
  return means.length === 0 || n < FEWEST_SEEDS
    ? null
    : Math.max(...means.map(({ s }) => findable(s, n)));
}
