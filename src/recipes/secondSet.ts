/** What a second set of seeds should give, by the first alone, and what it gave. */
import { type EffectVerdict, meansOf } from './judge.ts';
import { seedsOf } from './merge.ts';
import type { Recipe } from './recipe.ts';
import type { RecipeResult } from './result.ts';
import type { Interval } from './statistics/effect.ts';
import { allowedOutside, isOutside, predictionInterval } from './statistics/secondSet.ts';
import type { RefusalReason } from './statistics/seeds.ts';
import { verdictOf } from './verdict.ts';

/** One mean over a second set, predicted from a first: `part` is the id of a part, '' of the effect itself. */
export interface PredictedMean {
  part: string;
  label: string;
  /** Of the first set. */
  d: number;
  interval: Interval;
}

/** A primary effect over a second set of seeds: one mean, or those of all parts that together are the effect. */
export interface Prediction {
  recipe: string;
  /** Seeds of the first set, and how many the second has. */
  seeds: readonly number[];
  second: number;
  means: readonly PredictedMean[];
}

/** What a second set gave: means by part, or why there is none. */
export type Outcome =
  | { seeds: readonly number[]; means: Readonly<Record<string, number>> }
  | { seeds: readonly number[]; refused: RefusalReason; message: string };

function primaryOf(recipe: Recipe, result: RecipeResult): EffectVerdict | null {
  return verdictOf(recipe, result).primary;
}

/** Written down before the second set is run; null where the effect is no mean over seeds. */
export function predictionOf(
  recipe: Recipe,
  first: RecipeResult,
  second: number,
): Prediction | null {
  const primary = primaryOf(recipe, first);
  const means = primary === null ? [] : meansOf(primary);
  if (means.length === 0) return null;
  return {
    ...{ recipe: recipe.name, seeds: seedsOf(first), second },
    means: means.map(({ part, label, ...mean }) => {
      return { part, label, d: mean.d, interval: predictionInterval(mean, second) };
    }),
  };
}

/** What a second set gave of what is predicted; null where the effect is no mean over seeds. */
export function outcomeOf(recipe: Recipe, second: RecipeResult): Outcome | null {
  const primary = primaryOf(recipe, second);
  if (primary === null) return null;
  const seeds = seedsOf(second);
  const { judged } = primary;
  if (judged.test === 'refused') return { seeds, refused: judged.reason, message: judged.message };
  const means = meansOf(primary).map(({ part, d }) => [part, d] as const);
  return means.length === 0 ? null : { seeds, means: Object.fromEntries(means) };
}

export interface HeldClaim {
  prediction: Prediction;
  outcome: Outcome;
  /** Means that lie outside, by their parts. */
  partsOutside: readonly string[];
  /** Null where it could not be tested and does not count. */
  outside: boolean | null;
}

/**
 * An outcome against what was predicted of it. Of several parts one outside is enough; a run that diverged has no
 * mean in any interval: a finding, not a gap.
 */
export function heldAgainst(prediction: Prediction, outcome: Outcome): HeldClaim {
  if ('refused' in outcome) {
    const outside = outcome.refused === 'value' ? true : null;
    return { prediction, outcome, partsOutside: [], outside };
  }
  const partsOutside = prediction.means
    .filter(({ part, interval }) => {
      const mean = outcome.means[part];
      return mean === undefined || isOutside(interval, mean);
    })
    .map(({ part }) => part);
  return { prediction, outcome, partsOutside, outside: partsOutside.length > 0 };
}

export interface SecondSetReport {
  claims: readonly HeldClaim[];
  /** Claims with a second set that was tested, or could not be since a run diverged. */
  counted: number;
  outside: number;
  /** How many may be outside. */
  allowed: number;
  within: boolean;
}

/** Holds second sets against what was predicted of them; each claim counts once. */
export function secondSetReport(
  pairs: readonly { prediction: Prediction; outcome: Outcome }[],
): SecondSetReport {
  const claims = pairs.map(({ prediction, outcome }) => heldAgainst(prediction, outcome));
  const counted = claims.filter(({ outside }) => outside !== null).length;
  const outside = claims.filter((claim) => claim.outside === true).length;
  const allowed = allowedOutside(counted);
  return { claims, counted, outside, allowed, within: outside <= allowed };
}
