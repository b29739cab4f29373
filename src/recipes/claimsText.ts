/** The text of docs/CLAIMS.md: what recorded results say of every claim. */
import { counted } from '../config/plural.ts';
import { resourcesSaid } from './held.ts';
import type { EffectVerdict, JudgedPart } from './judge.ts';
import type { Effect, Recipe, Unit } from './recipe.ts';
import { RECIPES } from './recipes.ts';
import { recordedFile, recordedOf } from './recordedIndex.ts';
import type { RecipeResult } from './result.ts';
import { BALANCING, sourceOf } from './sources.ts';
import type { Interval } from './statistics/effect.ts';
import { missingSeeds, sayMissing, sayWords, verdictOf } from './verdict.ts';

/** Digits of numbers that are compared by eye. */
const DIGITS = 3;

/** A number that is not below 0. */
export function saySize(size: number): string {
  if (size === 0) return '0';
  return size >= 1e-3 && size < 1e5
    ? `${Number(size.toPrecision(DIGITS))}`
    : size.toExponential(DIGITS - 1);
}

/** A number with its sign, as a table has it. */
export function saySigned(value: number): string {
  const text = saySize(Math.abs(value));
  return value < 0 ? `−${text}` : value > 0 ? `+${text}` : text;
}

export const UNIT_NAMES: Readonly<Partial<Record<Unit, string>>> = {
  nats: ' nats',
  bits: ' bits',
  ms: ' ms',
};

const interval = (low: number, high: number): string => `[${saySigned(low)}, ${saySigned(high)}]`;

/** A part's own words with the p that they rest on; of a check, on which side of its margin it lies. */
export function sayPartWords({ inside, margin, words }: JudgedPart): string {
  if (inside === null) return words.join(', ');
  return `${inside ? 'inside' : 'outside'} ${Number((100 * (margin ?? 0)).toPrecision(DIGITS))} %`;
}

/** What equivalence rests on; nothing without a margin. */
function sayMargin(margin: number | null, [low, high]: Interval): string {
  return margin === null ? '' : `, 90 % ${interval(low, high)} against ±${saySize(margin)}`;
}

function sayPart(part: JudgedPart): string {
  const { label, d, n, interval95, interval90, adjusted, inside, margin, deciding } = part;
  const p = adjusted === null ? '' : `, p after Holm ${saySize(adjusted)}`;
  const beside = inside === null ? sayMargin(margin, interval90) : '';
  const more = deciding === null ? '' : ` (${counted(deciding - n, 'more seed')} would decide)`;
  return `${label}: ${saySigned(d)} ${interval(...interval95)}${beside}${p}: ${sayPartWords(part)}${more}`;
}

/** An effect's mean with its interval, or what stands in its place. */
export function sayEffect({ judged, unit, margin }: EffectVerdict): string {
  const name = UNIT_NAMES[unit] ?? '';
  switch (judged.test) {
    case 'refused':
      return `no test: ${judged.message}`;
    case 'optimum': {
      const ends = judged.ends.map(
        (end) => `end ${end.setting}: ${saySigned(end.d)} ${interval(...end.interval95)}`,
      );
      return `best at ${judged.best}; ${ends.join(', ')}`;
    }
    case 'share': {
      const [low, high] = judged.interval95;
      return `${judged.hits} of ${judged.n}, [${low.toFixed(2)}, ${high.toFixed(2)}]`;
    }
    case 'parts':
      return [
        ...judged.parts.map(sayPart),
        ...judged.refused.map(({ label, message }) => `${label}: no test: ${message}`),
      ].join('; ');
    default: {
      const spread = judged.zeroSpread ? ' (no spread)' : '';
      const beside = sayMargin(margin, judged.interval90);
      return `${saySigned(judged.d)}${name} ${interval(...judged.interval95)}${beside}${spread}`;
    }
  }
}

/** `MoDSE 1`. */
export function claimName(recipe: Recipe): string {
  return `${sourceOf(recipe).name} ${recipe.number}`;
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Seconds and FLOPs of all units. */
function cost({ units }: RecipeResult): string {
  const seconds = units.reduce((sum, { times }) => sum + times.seconds, 0);
  const flops = units
    .flatMap(({ runs }) => runs)
    .reduce((sum, run) => sum + (run.realisedFlops ?? run.resources.flops), 0);
  return `${duration(seconds)}, ${flops.toExponential(1)} FLOPs`;
}

function row(recipe: Recipe, result: RecipeResult | undefined): string {
  const name = `${claimName(recipe)}: ${recipe.title}`;
  if (result === undefined) return `| ${name} | – | – | – | – | not recorded | – |`;
  const verdict = verdictOf(recipe, result);
  const { missing } = verdict;
  const cells = [
    name,
    result.budget,
    String(verdict.seeds.length),
    cost(result),
    verdict.primary === null ? '–' : sayEffect(verdict.primary),
    sayWords(verdict) + (missing === null ? '' : `; ${sayMissing(verdict, missing)}`),
    `[data](../public/recorded/${recordedFile(recipe.name, result.budget)}.json), figure at \`#room=papers&claims.claim=${recipe.name}\``,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function testOf(effect: Effect): string {
  const { label, side } = effect;
  if (effect.test === 'optimum') return `${label}: best inside, both ends worse`;
  if (effect.test === 'share') return `${label}: ${side === '<' ? 'below' : 'above'} chance`;
  if (effect.test === 'parts' && effect.parts.some((part) => part.side !== side))
    return effect.parts.map(testOf).join('; ');
  return `${label} ${side === 'none' ? 'within the margin' : `${side} 0`}`;
}

/** "seed 3", "seeds 1, 2". */
export const saySeeds = (seeds: readonly number[]): string =>
  `${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`;

/** Words of an effect, and the seeds that would decide it; none of parts that have their own. */
function sayWord(effect: EffectVerdict, seeds: number): string[] {
  const missing = missingSeeds(effect, seeds, effect.leftOut.length);
  const more = missing === null ? [] : [sayMissing({ primary: effect }, missing)];
  return effect.words.length === 0 ? [] : [effect.words.join(', '), ...more];
}

/** What a claim is judged by, what is held equal, what else was found. */
function section(recipe: Recipe, results: readonly RecipeResult[], level: string): string[] {
  const lines = [`${level} ${claimName(recipe)}: ${recipe.title}`, '', recipe.claim, ''];
  if (recipe.primary !== null) lines.push(`- Judged by: ${testOf(recipe.primary)}.`);
  const margin = recipe.primary?.margin ?? null;
  if (margin !== null)
    lines.push(
      `- Margin: ${margin}.${recipe.primary?.marginReason ? ` ${recipe.primary.marginReason}` : ''}`,
    );
  lines.push(`- Held equal: ${resourcesSaid(recipe)}.`);
  for (const result of results) {
    const verdict = verdictOf(recipe, result);
    const of = results.length > 1 ? `${result.budget}, ` : '';
    const { leftOut = [], placesLeftOut = [] } = verdict.primary ?? {};
    for (const { seed, why } of leftOut) lines.push(`- ${of}seed ${seed} is left out: ${why}.`);
    for (const { label, seeds } of placesLeftOut)
      lines.push(`- ${of}${label} is left out: undefined in ${saySeeds(seeds)}.`);
    for (const effect of verdict.shown)
      lines.push(
        `- ${of}${[`${effect.label}: ${sayEffect(effect)}`, ...sayWord(effect, verdict.seeds.length)].join('; ')}.`,
      );
  }
  const printer = isOfBalancing(recipe) ? '' : 'The paper, ';
  for (const { where, says } of recipe.printed) lines.push(`- ${printer}${where}: ${says}`);
  lines.push(`- ${recipe.remark}`, '');
  return lines;
}

const INTRODUCTION = `# What small runs say of the papers' claims

Written by \`npm run recipe -- claims\` from the recorded results in \`public/recorded\`; [statistics.md](statistics.md) says what the
words mean, [recipes.md](recipes.md) what a recipe is. A small model may well disagree with a paper: that is a finding. Effects are means
over seeds with their 95 % intervals, and where a margin tells *equivalent* with the 90 % interval that it rests on; *undecided* says how many more seeds would decide at the spread seen, or are needed for a test. Parts of
a claim have a word each, by p after Holm; of those that are only listed there is none together. Claims share runs: these are trained
once, and their time stands with the first of the claims, their FLOPs with all. What begins with \`#\`, behind the lab's address, opens the
claim with its figure and tables.
`;

const isOfBalancing = ({ paper }: Recipe) => paper === BALANCING.id;

/** A row per claim and recorded budget, then what is known of those that are recorded. */
function chapter(
  recipes: readonly Recipe[],
  recorded: readonly RecipeResult[],
  level: string,
): string[] {
  const known = recipes.flatMap((recipe) => {
    const results = recordedOf(recipe, recorded);
    return results.length === 0 ? [] : section(recipe, results, level);
  });
  const rows = recipes.flatMap((recipe) => {
    const results = recordedOf(recipe, recorded);
    return results.length === 0
      ? [row(recipe, undefined)]
      : results.map((result) => row(recipe, result));
  });
  return [
    '| claim | budget | seeds | cost | effect | verdict | link |',
    '| --- | --- | --: | --- | --- | --- | --- |',
    ...rows,
    '',
    ...known,
  ];
}

/** Whole text: the papers' claims in their order, then those of balancing. @param recorded results, at most one of a recipe and budget */
export function claimsText(recorded: readonly RecipeResult[]): string {
  const grounds = new Set(
    recorded.map(({ version, adapter }) => `version ${version} on ${adapter}`),
  );
  const ofPapers = RECIPES.filter((recipe) => !isOfBalancing(recipe));
  const lines = [
    INTRODUCTION,
    ...(grounds.size > 0 ? [`Recorded with ${[...grounds].join('; ')}.`, ''] : []),
    ...chapter(ofPapers, recorded, '##'),
    ...[`## ${BALANCING.name}`, '', `${BALANCING.title}; beside the papers, not of them.`, ''],
    ...chapter(RECIPES.filter(isOfBalancing), recorded, '###'),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}
