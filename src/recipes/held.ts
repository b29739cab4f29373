/** What a recipe holds equal, checked by the accounting before anything runs. */
import { stepCosts } from '../accounting/costs.ts';
import { leastVocabulary } from '../accounting/needs.ts';
import { paperCounts, trainingCompute } from '../accounting/parameters.ts';
import { TOLERANCE } from '../accounting/solver.ts';
import { engineConfig } from '../config/edit.ts';
import type { Experiment } from '../config/experiment.ts';
import { type VariantOptions, variantExperiment } from './experiments.ts';
import type { Held, Recipe, ResourceHeld } from './recipe.ts';

/** Names of what is held, for sentences. */
export const RESOURCE_LABELS: Readonly<Record<ResourceHeld, string>> = {
  N: 'total parameters N',
  Na: 'active parameters Na',
  C: 'training compute C',
  D: 'tokens D',
  flops: 'FLOPs of all steps',
};

/** Sizes of a whole run, by nominal loads. */
export function resourcesOf(
  experiment: Experiment,
  vocabulary = leastVocabulary(experiment),
): Record<ResourceHeld, number> {
  const config = engineConfig(experiment, vocabulary);
  const { N, Na, M } = paperCounts(config);
  const { totalSteps } = experiment.optimizer;
  const D = totalSteps * config.batch.B * config.batch.S;
  const flops = totalSteps * stepCosts(config).total.flops;
  return { N, Na, C: trainingCompute(M, D), D, flops };
}

/** One held resource over the variants among which it is equal. */
export interface HeldRow {
  resource: ResourceHeld;
  values: readonly { variant: string; value: number }[];
  /** Largest over smallest − 1. */
  mismatch: number;
}

function rowOf(
  { resource, among }: Held,
  resources: ReadonlyMap<string, Record<ResourceHeld, number>>,
): HeldRow {
  const ids = among ?? [...resources.keys()];
  const values = ids.map((variant) => ({ variant, value: resources.get(variant)![resource] }));
  const numbers = values.map(({ value }) => value);
  return { resource, values, mismatch: Math.max(...numbers) / Math.min(...numbers) - 1 };
}

/** What the accounting finds of everything that is held equal. */
export function heldTable(recipe: Recipe, options: Omit<VariantOptions, 'seed'>): HeldRow[] {
  const resources = new Map(
    recipe.variants.map(({ id }) => {
      const experiment = variantExperiment(recipe, id, { ...options, seed: 1 });
      return [id, resourcesOf(experiment, options.vocabulary)];
    }),
  );
  return recipe.held.map((held) => rowOf(held, resources));
}

/** @throws RangeError with both numbers for the first resource that differs by more than 1 % */
export function checkHeld(recipe: Recipe, options: Omit<VariantOptions, 'seed'>): void {
  for (const { resource, values, mismatch } of heldTable(recipe, options)) {
    if (mismatch <= TOLERANCE) continue;
    const sorted = [...values].sort((a, b) => a.value - b.value);
    const [least, most] = [sorted[0]!, sorted.at(-1)!];
    const said = ({ variant, value }: typeof least) => `${value.toPrecision(6)} of ${variant}`;
    throw new RangeError(
      `${recipe.name} holds ${RESOURCE_LABELS[resource]} equal, but ${said(most)} is ${(100 * mismatch).toFixed(1)} % more than ${said(least)}; at most 1 % is allowed`,
    );
  }
}

/** What is held equal, as a sentence has it. */
export function resourcesSaid({ held }: Recipe): string {
  const said = held.map(({ resource, among }) =>
    among === undefined
      ? RESOURCE_LABELS[resource]
      : `${RESOURCE_LABELS[resource]} of ${among.join(', ')}`,
  );
  return said.join('; ');
}
