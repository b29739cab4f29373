/** The experiments of a recipe's variants. */
import { leastVocabulary } from '../accounting/needs.ts';
import { paperCounts } from '../accounting/parameters.ts';
import { DEFAULTS_V1 } from '../config/defaults.ts';
import { applyChange, engineConfig } from '../config/edit.ts';
import type { Change, Experiment, Slot } from '../config/experiment.ts';
import { canonical } from './canonical.ts';
import { evaluate, numberOf } from './evaluate.ts';
import type { BudgetName, Recipe, Variant } from './recipe.ts';
import type { UnitResult } from './result.ts';

/** Validations of a run, the last one at its end. */
const VALIDATIONS = 10;

export interface VariantOptions {
  budget: BudgetName;
  seed: number;
  /** Entries of the tokenizer, where the text was read; the least possible otherwise. */
  vocabulary?: number;
  /** What derived variants read; without it they have the widths that the recipe writes. */
  measured?: UnitResult['measured'];
}

/** @throws RangeError for an id that no variant has */
export function variantOf(recipe: Recipe, id: string): Variant {
  const variant = recipe.variants.find((one) => one.id === id);
  if (variant !== undefined) return variant;
  const known = recipe.variants.map((one) => one.id).join(', ');
  throw new RangeError(`${recipe.name} has no variant "${id}"; it has ${known}`);
}

function configOf(experiment: Experiment, vocabulary?: number) {
  return engineConfig(experiment, vocabulary ?? leastVocabulary(experiment));
}

/** Everything but length and seeds. */
function shapeOf(recipe: Recipe, variant: Variant, budget: BudgetName): Experiment {
  const edits = [recipe.base, recipe.budgets[budget].edits ?? {}, variant.edits];
  return edits.reduce(applyChange, DEFAULTS_V1);
}

const tokensOfStep = ({ batch }: Experiment) => batch.B * batch.S;

/**
 * Steps of a variant at a budget. Equal compute is met as nearly as whole steps can.
 * @throws RangeError for variants whose lengths follow from each other in a circle
 */
export function variantSteps(
  recipe: Recipe,
  id: string,
  budget: BudgetName,
  seen: readonly string[] = [],
): number {
  if (seen.includes(id))
    throw new RangeError(
      `${recipe.name}: the lengths of ${[...seen, id].join(', ')} go in a circle`,
    );
  const variant = variantOf(recipe, id);
  const { steps } = recipe.budgets[budget];
  if (variant.steps === undefined) return steps;
  if ('share' in variant.steps) return Math.max(1, Math.round(steps * variant.steps.share));
  const { to, times = 1 } = variant.steps.compute;
  const cost = (of: Variant) => {
    const shape = shapeOf(recipe, of, budget);
    return paperCounts(configOf(shape)).M * tokensOfStep(shape);
  };
  const target = variantSteps(recipe, to, budget, [...seen, id]) * cost(variantOf(recipe, to));
  return Math.max(1, Math.round((times * target) / cost(variant)));
}

/** FFN slots of the width that a measured figure asks for. @throws RangeError where it is undefined */
function derivedChange(
  { derived, id }: Variant,
  experiment: Experiment,
  measured: UnitResult['measured'] | undefined,
): Change {
  if (derived === undefined || measured === undefined) return {};
  const width = numberOf(evaluate(derived.from, { measured }));
  if (width === null || !(width > 0))
    throw new RangeError(
      `${id}: ${derived.from.field} of ${derived.from.of} is ${width}; a width is above 0`,
    );
  const hidden = Math.max(1, Math.round(width / derived.step)) * derived.step;
  const slots = experiment.experts.slots.map(
    (slot): Slot => (slot.kind === 'ffn' ? { ...slot, hidden } : slot),
  );
  return { 'experts.slots': slots };
}

/** The experiment of a variant's run: a whole one, with its seeds and its length. */
export function variantExperiment(
  recipe: Recipe,
  id: string,
  { budget, seed, measured }: VariantOptions,
): Experiment {
  const variant = variantOf(recipe, id);
  const shape = shapeOf(recipe, variant, budget);
  const steps = variantSteps(recipe, id, budget);
  return applyChange(applyChange(shape, derivedChange(variant, shape, measured)), {
    'seeds.init': seed,
    'seeds.data': seed,
    'seeds.drop': seed,
    'optimizer.totalSteps': steps,
    'optimizer.warmup': Math.max(1, Math.round(steps * recipe.warmup)),
    'evaluation.every': Math.max(1, Math.ceil(steps / VALIDATIONS)),
    'evaluation.sampleEvery': 0,
    ...(variant.uniqueShare !== undefined && {
      'data.uniqueTokens': Math.round(variant.uniqueShare * steps * tokensOfStep(shape)),
    }),
  });
}

/** Runs of equal keys are one run. */
export function runKey(experiment: Experiment): string {
  return canonical(experiment);
}
