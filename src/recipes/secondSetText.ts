/** The text of docs/second-set.md: what a second set of seeds should give, and what it gave. */
import { claimName, saySigned } from './claimsText.ts';
import type { Recipe } from './recipe.ts';
import type { RecipeResult } from './result.ts';
import type { Interval } from './statistics/effect.ts';
import { isOutside } from './statistics/secondSet.ts';
import { foundOf, type Prediction, predictionOf, secondSetReport } from './verdict.ts';

/** Seeds of a second set. */
export const SECOND_SEEDS = 3;

/** Of a claim: what was predicted of a second set's mean, and what it gave; null before. */
export interface SecondSet {
  recipe: Recipe;
  prediction: Prediction;
  found: number | null;
}

/** The mean that a second set gave, and the recipe that it is of. */
export interface Found {
  mean: number;
  digest: string;
}

/** The budget of both sets: predictions are of quick runs. */
function quickOf(name: string, results: readonly RecipeResult[]): RecipeResult | undefined {
  return results.find(({ recipe, budget }) => recipe === name && budget === 'quick');
}

/**
 * Means that second sets gave, by claim: those with all seeds, none of which is of the first. What was found
 * `before` of a recipe as it is stays where there is nothing newer.
 */
export function foundMeans(
  recipes: readonly Recipe[],
  first: readonly RecipeResult[],
  second: readonly RecipeResult[],
  before: Readonly<Record<string, Found>>,
): Record<string, Found> {
  const found: Record<string, Found> = {};
  for (const recipe of recipes) {
    const { name } = recipe;
    const [a, b] = [first, second].map((all) => quickOf(name, all));
    if (a === undefined) continue;
    const mean = b && a.digest === b.digest ? meanOf(recipe, a, b) : null;
    const earlier = before[name];
    if (mean !== null) found[name] = { mean, digest: a.digest };
    else if (earlier?.digest === a.digest) found[name] = earlier;
  }
  return found;
}

function meanOf(recipe: Recipe, first: RecipeResult, second: RecipeResult): number | null {
  const seeds = new Set(second.units.map(({ seed }) => seed));
  const isOther = first.units.every(({ seed }) => !seeds.has(seed));
  return isOther && seeds.size === SECOND_SEEDS ? foundOf(recipe, second) : null;
}

/** Claims whose effect is a mean over seeds, in the recipes' order. */
export function secondSets(
  recipes: readonly Recipe[],
  first: readonly RecipeResult[],
  found: Readonly<Record<string, Found>>,
): SecondSet[] {
  return recipes.flatMap((recipe) => {
    const result = quickOf(recipe.name, first);
    const prediction = result && predictionOf(recipe, result, SECOND_SEEDS);
    return prediction ? [{ recipe, prediction, found: found[recipe.name]?.mean ?? null }] : [];
  });
}

const INTRODUCTION = `# A second set of seeds

Written by \`npm run recipe -- second DIR\` from the recorded results in \`public/recorded\` and those of other seeds in DIR
(\`npm run recipe -- all --seeds 4-6 --out DIR\`); the means found are kept in [second-set.json](second-set.json), so that
several such folders may follow each other. Predicted is, for each primary effect that is a mean over seeds, the interval that
holds the mean of a second set with 95 % ([statistics.md](statistics.md)). It follows from the first set alone, and was written
down before any run of the second.
`;

const interval = ([low, high]: Interval) => `[${saySigned(low)}, ${saySigned(high)}]`;

function verdict(sets: readonly SecondSet[]): string {
  const pairs = sets.flatMap(({ prediction, found }) =>
    found === null ? [] : [{ prediction, found }],
  );
  if (pairs.length === 0) return 'No claim has a second set yet.';
  const { claims, outside, allowed, within } = secondSetReport(pairs);
  const names = claims.filter((claim) => claim.outside).map(({ recipe }) => recipe);
  const list = names.length > 0 ? ` (${names.join(', ')})` : '';
  return `Of ${sets.length} claims ${pairs.length} have a second set. ${outside} fell outside${list}, at most ${allowed} may: ${within ? 'within' : 'beyond'} the bound.`;
}

export function secondSetText(sets: readonly SecondSet[]): string {
  const rows = sets.map(({ recipe, prediction, found }) => {
    const { d, seeds } = prediction;
    const isInside = found !== null && !isOutside(prediction.interval, found);
    const said = found === null ? 'not run yet' : isInside ? 'inside' : 'outside';
    const cells = [
      `${claimName(recipe)}: ${recipe.title}`,
      `${saySigned(d)} (${seeds.length} seeds)`,
      interval(prediction.interval),
      found === null ? '–' : saySigned(found),
      said,
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  const lines = [
    INTRODUCTION,
    verdict(sets),
    '',
    '| claim | first set | predicted | found | |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ];
  return `${lines.join('\n')}\n`;
}
