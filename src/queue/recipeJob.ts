import { MAX_SEED } from '../config/settings.ts';
import { recipeDigest } from '../recipes/digest.ts';
import { variantExperiment } from '../recipes/experiments.ts';
import { groupsOf } from '../recipes/groups.ts';
import { checkHeld } from '../recipes/held.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { runUnit } from '../train/recipes/unit.ts';
import {
  onwardSteps,
  runKeys,
  type UnitOf,
  unitCosts,
  unitSeconds,
  variantsOf,
} from '../train/recipes/unitOf.ts';
import type { AdapterSpeed } from '../train/session/events.ts';
import type { QueueRequest } from './items.ts';
import type { Job, JobUnit } from './job.ts';

type RecipeRequest = Extract<QueueRequest, { kind: 'recipe' }>;

/** Asked with every change of the queue: what the runs cost is computed once for an adapter. */
function secondsOf(of: UnitOf): JobUnit['seconds'] {
  let known: { speed: AdapterSpeed; costs: ReturnType<typeof unitCosts> } | null = null;
  return (speed, counted) => {
    if (known?.speed !== speed) known = { speed, costs: unitCosts(of, speed) };
    return unitSeconds(known.costs, counted);
  };
}

/** @throws RangeError where no seed is named, one twice, or what is held equal is not */
export function recipeJob(recipe: Recipe, { budget, seeds }: RecipeRequest): Job {
  if (seeds.length === 0) throw new RangeError(`${recipe.name}: no seed is named`);
  const wrong = seeds.find(
    (seed, i) =>
      !Number.isInteger(seed) || seed < 0 || seed > MAX_SEED || seeds.indexOf(seed) !== i,
  );
  if (wrong !== undefined)
    throw new RangeError(
      `${recipe.name}: seed ${wrong} is named twice, or no whole number from 0 to ${MAX_SEED}`,
    );
  checkHeld(recipe, { budget });
  const units = seeds.flatMap((seed) =>
    groupsOf(recipe).map(({ id: group }): JobUnit => {
      const of = { recipe, budget, group, seed };
      return {
        group,
        seed,
        runs: variantsOf(recipe, group).map(({ id, label }) => {
          return {
            variant: id,
            label,
            experiment: variantExperiment(recipe, id, { budget, seed }),
          };
        }),
        onward: onwardSteps(of),
        runKeys: runKeys(of),
        seconds: secondsOf(of),
        run: (deps, options) => runUnit(deps, of, options),
      };
    }),
  );
  const key = ['recipe', recipe.name, budget, recipeDigest(recipe, budget)];
  return { title: recipe.title, tag: recipe.name, key, units };
}
