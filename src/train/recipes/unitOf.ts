/** Which runs a unit of a recipe has, and how long they take. */
import type { Experiment } from '../../config/experiment.ts';
import { digestOf } from '../../recipes/canonical.ts';
import { variantExperiment, variantOf } from '../../recipes/experiments.ts';
import { groupsOf, trainingOrder } from '../../recipes/groups.ts';
import type { BudgetName, Recipe, Variant } from '../../recipes/recipe.ts';
import type { AdapterSpeed } from '../session/events.ts';
import { runSeconds } from './costs.ts';
import { MEASURING_SHARE } from './pace.ts';

export interface UnitOf {
  recipe: Recipe;
  budget: BudgetName;
  group: string;
  seed: number;
}

/** Name of what is kept of a run: the same for equal experiments, which are trained once. */
export const runKey = (experiment: Experiment) => `run-${digestOf(experiment)}`;

/** Names of what is kept of a unit's runs, where they are known before anything is measured. */
export function runKeys({ recipe, budget, group, seed }: UnitOf): string[] {
  return variantsOf(recipe, group)
    .filter(({ derived }) => derived === undefined)
    .map(({ id }) => runKey(variantExperiment(recipe, id, { budget, seed })));
}

/** Those of a group, in the order in which they run. @throws RangeError for an unknown group */
export function variantsOf(recipe: Recipe, name: string): readonly Variant[] {
  const groups = groupsOf(recipe);
  const group = groups.find(({ id }) => id === name);
  if (group !== undefined) return trainingOrder(recipe, group).map((id) => variantOf(recipe, id));
  const known = groups.map(({ id }) => id).join(', ');
  throw new RangeError(`${recipe.name} has no group "${name}"; it has ${known}`);
}

/**
 * Estimated seconds of a unit's runs and measurements; derived widths are those that the recipe writes.
 * @param counted names of runs that are trained before, and that cost nothing again; its own are added
 */
export function unitSeconds(
  { recipe, budget, group, seed }: UnitOf,
  speed: AdapterSpeed,
  counted = new Set<string>(),
): number {
  let [training, measuring] = [0, 0];
  for (const { id } of variantsOf(recipe, group)) {
    const experiment = variantExperiment(recipe, id, { budget, seed });
    const seconds = runSeconds(experiment, speed);
    const key = runKey(experiment);
    if (!counted.has(key)) training += seconds;
    counted.add(key);
    measuring += (seconds * MEASURING_SHARE) / (1 - MEASURING_SHARE);
  }
  return training + measuring;
}
