/** Which runs a unit of a recipe has, and how long they take. */
import type { Experiment } from '../../config/experiment.ts';
import { digestOf } from '../../recipes/canonical.ts';
import { variantExperiment, variantOf } from '../../recipes/experiments.ts';
import { groupsOf, trainingOrder } from '../../recipes/groups.ts';
import { calmSteps, type Measurement } from '../../recipes/measurement.ts';
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

/** Steps that a measurement trains a variant's model on. */
export function stepsMeasured(one: Measurement, id: string): number {
  if (one.kind !== 'shock' || !(one.of?.includes(id) ?? true)) return 0;
  return calmSteps(one) + one.after;
}

/** Steps that a variant's model is trained on where it is measured. */
function onwardOf({ measurements }: Recipe, id: string): number {
  return measurements.reduce((sum, one) => sum + stepsMeasured(one, id), 0);
}

/** Steps that the models of a unit are trained on where they are measured. */
export function onwardSteps({ recipe, group }: Pick<UnitOf, 'recipe' | 'group'>): number {
  return variantsOf(recipe, group).reduce((sum, { id }) => sum + onwardOf(recipe, id), 0);
}

/** What a run of a unit costs here: seconds of training, and of what it is trained on where it is measured. */
export interface RunCost {
  key: string;
  training: number;
  onward: number;
}

/** Costs of a unit's runs; derived widths are those that the recipe writes. */
export function unitCosts(
  { recipe, budget, group, seed }: UnitOf,
  speed: AdapterSpeed,
): readonly RunCost[] {
  return variantsOf(recipe, group).map(({ id }) => {
    const experiment = variantExperiment(recipe, id, { budget, seed });
    const training = runSeconds(experiment, speed);
    const onward = (training * onwardOf(recipe, id)) / experiment.optimizer.totalSteps;
    return { key: runKey(experiment), training, onward };
  });
}

/**
 * Estimated seconds of a unit's runs and measurements.
 * @param counted names of runs that are trained before, and that cost nothing again; its own are added
 */
export function unitSeconds(costs: readonly RunCost[], counted = new Set<string>()): number {
  let sum = 0;
  for (const { key, training, onward } of costs) {
    const again = counted.has(key) ? training : 0;
    counted.add(key);
    sum += (training + onward) / (1 - MEASURING_SHARE) - again;
  }
  return sum;
}
