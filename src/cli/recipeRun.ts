/** `npm run recipe` without its device: which units are run, and where their results go. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PRODUCT_VERSION } from '../config/product.ts';
import { recipeDigest } from '../recipes/digest.ts';
import { findableText } from '../recipes/findableText.ts';
import { groupsOf } from '../recipes/groups.ts';
import { checkHeld } from '../recipes/held.ts';
import { mergeResults, mergeUnits } from '../recipes/merge.ts';
import { parseFound, parseResult } from '../recipes/parseResult.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { recordedFile, recordedIndex, recordedOf } from '../recipes/recordedIndex.ts';
import type { RecipeResult } from '../recipes/result.ts';
import { foundSets, secondSets, secondSetText } from '../recipes/secondSetText.ts';
import type { MeasureDeps } from '../train/recipes/measures.ts';
import { forgetUnit, runUnit } from '../train/recipes/unit.ts';
import {
  onwardSteps,
  runKeys,
  type UnitOf,
  unitCosts,
  unitSeconds,
} from '../train/recipes/unitOf.ts';
import { errorMessage } from '../train/session/errors.ts';
import { exitCode } from './exitCode.ts';
import type { CliIo } from './io.ts';
import {
  inShard,
  type MergeArguments,
  parseMerge,
  parseWork,
  type WorkArguments,
} from './recipeArguments.ts';
import { asText, type Ground, ResultFolder, readJson } from './resultFiles.ts';
import { commandFiles, writeWhole } from './workFiles.ts';
import { type Work, workThrough } from './workThrough.ts';

export const USAGE = `Usage: npm run recipe -- NAME… | all [options]
       npm run recipe -- merge FILES --out FILE
       npm run recipe -- claims
       npm run recipe -- second DIR
  NAME               a recipe, e.g. modse-1; all: every one
  --budget B         quick (default), standard or long
  --seeds N | A-B    the seeds 1 to N, or A to B (default: those of the recipe)
  --shard i/n        every n-th unit, a group of variants and a seed, from the i-th on
  --out DIR          folder of the results (default results): DIR/<name>/<seed>.json for every
                     unit, DIR/<name>.json for all of them
  --resume           goes on with what the same call left in DIR; without it, units are run anew.
                     Where DIR holds one of them of another budget, version or adapter, nothing is run
  merge              puts results of one recipe together, in any order
  claims             writes docs/CLAIMS.md and public/recorded/index.json from public/recorded
  second             writes docs/second-set.md and docs/second-set.json: what public/recorded predicts
                     of other seeds, and what those in DIR, the folder of a run with --seeds 4-6, gave;
                     what earlier folders gave stays
Exit code 1 when something failed or was refused, 2 for wrong usage.
`;

export interface RecipeDeps extends MeasureDeps {
  recipes: readonly Recipe[];
  /** Text of docs/CLAIMS.md for recorded results. */
  claimsText(results: readonly RecipeResult[]): string;
  /** Folder of the recorded results, the file of the claims, and that of a second set without its ending. */
  places: { recorded: string; claims: string; second: string };
}

/** Recipes by their names. @throws RangeError for an unknown one */
function recipesOf(names: readonly string[], known: readonly Recipe[]): readonly Recipe[] {
  if (names.includes('all')) return known;
  return [...new Set(names)].map((name) => {
    const recipe = known.find((one) => one.name === name);
    if (recipe !== undefined) return recipe;
    const list = known.map((one) => one.name).join(', ');
    throw new RangeError(`there is no recipe "${name}"; there are ${list}, and all`);
  });
}

/** Name of a unit's file: the seed's number, with the group where the recipe has several. */
function fileOf({ recipe, group, seed }: UnitOf): string {
  return groupsOf(recipe).length === 1 ? String(seed) : `${seed}-${group}`;
}

function unitsOf(recipes: readonly Recipe[], { budget, seeds }: WorkArguments): UnitOf[] {
  return recipes.flatMap((recipe) =>
    (seeds ?? recipe.seeds).flatMap((seed) =>
      groupsOf(recipe).map(({ id: group }) => ({ recipe, budget, group, seed })),
    ),
  );
}

/** Whether what a unit's file holds can be read as a result. */
function isResult(json: unknown): boolean {
  try {
    parseResult(json);
    return true;
  } catch {
    return false;
  }
}

/** What results of a recipe must agree in. */
function groundOf({ recipe, budget }: UnitOf, adapter: string) {
  const digest = recipeDigest(recipe, budget);
  return {
    ...{ kind: 'unit', recipe: recipe.name, budget },
    ...{ version: PRODUCT_VERSION, digest, adapter },
  } satisfies Ground;
}

/** Puts together what the folder has of a recipe, of this adapter and budget. */
function writeRecipe(
  recipe: Recipe,
  folder: ResultFolder,
  { digest, adapter, version }: ReturnType<typeof groundOf>,
  io: CliIo,
) {
  const unitOf = (json: unknown) => {
    const unit = parseResult(json);
    const isAlike = unit.digest === digest && unit.adapter === adapter && unit.version === version;
    return unit.kind === 'unit' && isAlike ? unit : null;
  };
  return folder.writeAll(unitOf, (units) => mergeUnits(recipe, units), io.stderr);
}

/** @throws Error where a unit's file holds a result of something else */
async function workOf(
  of: UnitOf,
  given: WorkArguments,
  { io, deps, adapter }: { io: CliIo; deps: RecipeDeps; adapter: string },
): Promise<Work> {
  const { recipe, seed, group } = of;
  const folder = new ResultFolder(given.out, recipe.name);
  const ground = groundOf(of, adapter);
  const there = await folder.read(fileOf(of), { ...ground, group, seed });
  return {
    name: recipe.name,
    title: `${recipe.name} seed ${seed}${groupsOf(recipe).length > 1 ? ` ${group}` : ''}`,
    seconds: (speed, counted) => unitSeconds(unitCosts(of, speed), counted),
    onward: onwardSteps(of),
    runKeys: runKeys(of),
    isDone: given.resume && isResult(there),
    async run(options) {
      const unit = await runUnit(deps, of, options);
      await folder.write(fileOf(of), unit);
      await forgetUnit(options.store, unit);
    },
    merge: () => writeRecipe(recipe, folder, ground, io),
  };
}

/** What so many seeds can find, by the spread of what is recorded, before anything runs. */
async function sayFindable(
  recipes: readonly Recipe[],
  { budget, seeds }: WorkArguments,
  io: CliIo,
  { places }: RecipeDeps,
): Promise<void> {
  const recorded = await readRecorded(places.recorded, recipes).catch(() => []);
  for (const recipe of recipes) {
    const n = (seeds ?? recipe.seeds).length;
    const said = findableText(recipe, recordedOf(recipe, recorded), { budget, n });
    if (said !== null) io.stderr(`${recipe.name}: ${said}\n`);
  }
}

async function run(given: WorkArguments, io: CliIo, deps: RecipeDeps): Promise<void> {
  const recipes = recipesOf(given.names, deps.recipes);
  for (const recipe of recipes) checkHeld(recipe, { budget: given.budget });
  const { adapter } = await deps.requestDevice();
  const units = unitsOf(recipes, given);
  const on = { io, deps, adapter: adapter.description };
  const work: Work[] = [];
  for (const unit of inShard(units, given.shard)) work.push(await workOf(unit, given, on));
  await sayFindable(recipes, given, io, deps);
  const asked = units.map((unit) => [unit.recipe.name, unit.budget, fileOf(unit)]);
  const store = commandFiles('recipe', given, asked);
  await workThrough(work, { io, deps, store, resume: given.resume });
}

async function merge(
  { files, out }: MergeArguments,
  io: CliIo,
  { recipes }: RecipeDeps,
): Promise<void> {
  const parts = await Promise.all(
    files.map(async (file) => {
      try {
        return parseResult(await readJson(file));
      } catch (error) {
        throw new Error(`${file}: ${errorMessage(error)}`);
      }
    }),
  );
  const [recipe] = recipesOf([parts[0]!.recipe], recipes);
  const result = mergeResults(recipe!, parts);
  await writeWhole(out, asText(result));
  const seeds = new Set(result.units.map(({ seed }) => seed)).size;
  io.stderr(`${result.recipe}: ${result.units.length} units of ${seeds} seeds\n`);
}

/** @throws RangeError for units that would not be merged, or one that is there twice */
function requireMerged(recipe: Recipe, result: RecipeResult): void {
  const { units } = mergeResults(recipe, [...result.units, { ...result, units: [] }]);
  if (units.length !== result.units.length)
    throw new RangeError(`it has ${result.units.length} units, of which ${units.length} differ`);
}

/** Every result that is recorded, by the names of their files. @throws Error for one that is none */
export async function readRecorded(
  folder: string,
  recipes: readonly Recipe[],
): Promise<RecipeResult[]> {
  const files = await readdir(folder).catch(() => []);
  const names = files.filter((name) => /^[a-z]+-\d[\w-]*\.json$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      try {
        const result = parseResult(await readJson(join(folder, name)));
        const { kind, recipe, budget } = result;
        if (kind !== 'recipe' || `${recordedFile(recipe, budget)}.json` !== name)
          throw new RangeError(`it is a ${kind} of ${recipe}, ${budget}`);
        const known = recipes.find((one) => one.name === recipe);
        if (known !== undefined) requireMerged(known, result);
        return result;
      } catch (error) {
        throw new Error(`${join(folder, name)}: ${errorMessage(error)}`);
      }
    }),
  );
}

/** The text of all claims, and beside the results what the page shows of them first. */
async function writeClaims({ places, claimsText, recipes }: RecipeDeps): Promise<void> {
  const results = await readRecorded(places.recorded, recipes);
  await writeWhole(places.claims, claimsText(results));
  const index = recordedIndex(recipes, results);
  await writeWhole(join(places.recorded, 'index.json'), asText(index));
}

/** What a second set of seeds should give, and what it gave. */
async function writeSecond(folder: string, { places, recipes }: RecipeDeps): Promise<void> {
  const first = await readRecorded(places.recorded, recipes);
  const file = `${places.second}.json`;
  const before = existsSync(file) ? parseFound(await readJson(file)) : {};
  const found = foundSets(recipes, first, await readRecorded(folder, recipes), before);
  await writeWhole(file, asText({ format: 2, found }));
  await writeWhole(`${places.second}.md`, secondSetText(secondSets(recipes, first, found)));
}

/** What is asked for. @throws RangeError or TypeError for wrong usage, before anything runs */
function asked(argv: readonly string[], io: CliIo, deps: RecipeDeps): () => Promise<void> {
  const [first, ...rest] = argv;
  if (first === 'merge') {
    const given = parseMerge(rest);
    return () => merge(given, io, deps);
  }
  if (first === 'claims') {
    if (rest.length > 0) throw new RangeError(`claims takes no arguments; given was ${rest[0]}`);
    return () => writeClaims(deps);
  }
  if (first === 'second') {
    const [folder, more] = rest;
    if (folder === undefined) throw new RangeError('second needs the DIR of other seeds');
    if (more !== undefined) throw new RangeError(`second takes one DIR; given was ${more} too`);
    return () => writeSecond(folder, deps);
  }
  const given = parseWork(argv, 'the NAME of a recipe');
  recipesOf(given.names, deps.recipes);
  return () => run(given, io, deps);
}

/** Runs the command on the devices of `deps`; resolves to its exit code. */
export function recipeCommand(
  argv: readonly string[],
  io: CliIo,
  deps: RecipeDeps,
): Promise<number> {
  return exitCode(io, USAGE, () => asked(argv, io, deps));
}
