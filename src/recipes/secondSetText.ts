/** The text of docs/second-set.md: what a second set of seeds should give, and what it gave. */
import { claimName, saySigned } from './claimsText.ts';
import { readsOf } from './evaluate.ts';
import { readsTime, seedsOf, wholeSeedsOf } from './merge.ts';
import type { Recipe } from './recipe.ts';
import type { RecipeResult } from './result.ts';
import {
  type HeldClaim,
  heldAgainst,
  type Outcome,
  outcomeOf,
  type Prediction,
  predictionOf,
  secondSetReport,
} from './secondSet.ts';
import { type Found, type FoundSets, foundOf, keptOf } from './secondSetFile.ts';
import type { Interval } from './statistics/effect.ts';

/** Seeds of a second set. */
export const SECOND_SEEDS = 3;

/** Of a claim: what was predicted of a second set, and what it gave; null before. */
export interface SecondSet {
  recipe: Recipe;
  prediction: Prediction;
  outcome: Outcome | null;
}

/** The budget of both sets: predictions are of quick runs. */
function quickOf(name: string, results: readonly RecipeResult[]): RecipeResult | undefined {
  return results.find(({ recipe, budget }) => recipe === name && budget === 'quick');
}

/** What a second set gave that has all its seeds, whole ones, none of which is of the first. */
function newOutcome(recipe: Recipe, first: RecipeResult, second: RecipeResult): Outcome | null {
  const [taken, seeds] = [seedsOf(first), seedsOf(second)];
  const isWhole =
    seeds.length === SECOND_SEEDS && wholeSeedsOf(recipe, second).length === SECOND_SEEDS;
  if (first.digest !== second.digest || !isWhole) return null;
  // Times of one adapter predict nothing of another's.
  const isOfTimes =
    recipe.primary !== null && readsOf(recipe.primary).some((one) => readsTime(recipe, one));
  if (isOfTimes && first.adapter !== second.adapter) return null;
  return seeds.some((seed) => taken.includes(seed)) ? null : outcomeOf(recipe, second);
}

/**
 * What second sets gave, by claim. What was found `before` of a recipe and an effect as they are stays
 * where there is nothing newer.
 */
export function foundSets(
  recipes: readonly Recipe[],
  first: readonly RecipeResult[],
  second: readonly RecipeResult[],
  before: FoundSets,
): Record<string, Found> {
  const found = recipes.flatMap((recipe): [string, Found][] => {
    const [a, b] = [first, second].map((all) => quickOf(recipe.name, all));
    if (a === undefined) return [];
    const outcome = b === undefined ? null : newOutcome(recipe, a, b);
    const now = outcome === null ? keptOf(recipe, a, before) : foundOf(recipe, a, outcome);
    return now === null ? [] : [[recipe.name, now]];
  });
  return Object.fromEntries(found);
}

/** Claims whose effect is a mean over seeds, in the recipes' order. */
export function secondSets(
  recipes: readonly Recipe[],
  first: readonly RecipeResult[],
  found: FoundSets,
): SecondSet[] {
  return recipes.flatMap((recipe) => {
    const result = quickOf(recipe.name, first);
    const prediction = result && predictionOf(recipe, result, SECOND_SEEDS);
    return result && prediction
      ? [{ recipe, prediction, outcome: keptOf(recipe, result, found)?.outcome ?? null }]
      : [];
  });
}

const INTRODUCTION = `# A second set of seeds

Written by \`npm run recipe -- second DIR\` from the recorded results in \`public/recorded\` and those of other seeds in DIR
(\`npm run recipe -- all --seeds 4-6 --out DIR\`); the means found are kept in [second-set.json](second-set.json), so that
several such folders may follow each other. Predicted is, for each primary effect that is a mean over seeds, the interval that
holds the mean of a second set with 95 % ([statistics.md](statistics.md)). It follows from the first set alone, and was written
down before any run of the second; but MoE++ 6, whose effect had counted newlines as simple, and all parts but the first of
TC-MoE 4 and EqualRes 4 were predicted when their second sets were there. Where several parts together are the effect, each is
predicted, and one outside is enough. A mean over pairs (TC-MoE 2) is over those that the seeds of its own set have.
`;

const interval = ([low, high]: Interval) => `[${saySigned(low)}, ${saySigned(high)}]`;

function verdict(sets: readonly SecondSet[]): string {
  const pairs = sets.flatMap(({ prediction, outcome }) =>
    outcome === null ? [] : [{ prediction, outcome }],
  );
  if (pairs.length === 0) return 'No claim has a second set yet.';
  const { claims, counted, outside, allowed, within } = secondSetReport(pairs);
  const named = (which: boolean | null) =>
    claims.filter((claim) => claim.outside === which).map(({ prediction }) => prediction.recipe);
  const list = outside > 0 ? ` (${named(true).join(', ')})` : '';
  const untested = named(null);
  const left = untested.length > 0 ? ` Not counted: ${untested.join(', ')}.` : '';
  return `Of ${sets.length} claims ${counted} have a second set. ${outside} fell outside${list}, at most ${allowed} may: ${within ? 'within' : 'beyond'} the bound.${left}`;
}

/** Whether a claim's second set lies where it was predicted. */
function said({ outside, outcome, partsOutside }: HeldClaim, { means }: Prediction): string {
  if ('refused' in outcome)
    return `refused: ${outcome.message}; ${outside ? 'counts as outside' : 'does not count'}`;
  if (!outside) return 'inside';
  const parts = means.filter(({ part }) => part !== '' && partsOutside.includes(part));
  return parts.length === 0 ? 'outside' : `outside: ${parts.map(({ label }) => label).join('; ')}`;
}

function row({ recipe, prediction, outcome }: SecondSet): string {
  const { means, seeds } = prediction;
  const each = (of: (mean: Prediction['means'][number]) => string) =>
    means.map((mean) => (mean.part === '' ? '' : `${mean.label}: `) + of(mean)).join('; ');
  const found = outcome !== null && 'means' in outcome ? outcome.means : null;
  const cells = [
    `${claimName(recipe)}: ${recipe.title}`,
    `${each(({ d }) => saySigned(d))} (${seeds.length} seeds)`,
    each((mean) => interval(mean.interval)),
    found === null ? '–' : each(({ part }) => saySigned(found[part] ?? Number.NaN)),
    outcome === null ? 'not run yet' : said(heldAgainst(prediction, outcome), prediction),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

export function secondSetText(sets: readonly SecondSet[]): string {
  const lines = [
    INTRODUCTION,
    verdict(sets),
    '',
    '| claim | first set | predicted | found | |',
    '| --- | --- | --- | --- | --- |',
    ...sets.map(row),
  ];
  return `${lines.join('\n')}\n`;
}
