/** Results of recipes that nobody trained: numbers of the right shapes, with an effect per variant and a spread. */

import { PRODUCT_VERSION } from '../../src/config/product.ts';
import { recipeDigest } from '../../src/recipes/digest.ts';
import { variantExperiment } from '../../src/recipes/experiments.ts';
import { groupsOf } from '../../src/recipes/groups.ts';
import { resourcesOf } from '../../src/recipes/held.ts';
import type { Measured, Measurement } from '../../src/recipes/measurement.ts';
import type { BudgetName, Recipe } from '../../src/recipes/recipe.ts';
import type { RecipeResult, RunResult, UnitResult } from '../../src/recipes/result.ts';
import { neededShapes, type Shapes } from './neededShapes.ts';

/** A number in −1 … 1 that depends on the place alone. */
function wave(...place: readonly number[]): number {
  const x = place.reduce((sum, value, i) => sum + (value + 1) * (12.9898 + 65.123 * i), 0);
  return 2 * ((((Math.sin(x) * 43758.5453) % 1) + 1) % 1) - 1;
}

interface Place {
  /** Place of the variant in the recipe. */
  v: number;
  seed: number;
}

const list = (n: number, of: (i: number) => number) => ({
  shape: [n],
  data: Array.from({ length: n }, (_, i) => of(i)),
});

function lossAt({ v, seed }: Place): number {
  return 2.4 + 0.05 * wave(seed, 3) - 0.04 * v + 0.01 * wave(seed, v);
}

type Field = number | { shape: readonly number[]; data: readonly number[] };

/** An array of a shape around a mean: later places lie higher. */
function arrayOf(shape: readonly number[], mean: number, { v, seed }: Place): Field {
  if (shape.length === 0) return mean + 0.02 * wave(seed, v);
  const length = shape.reduce((product, n) => product * n, 1);
  const at = (i: number) => mean * (1 + i / (4 * length)) + 0.02 * mean * wave(seed, v, i);
  return { shape, data: Array.from({ length }, (_, i) => at(i)) };
}

/** Fields whose shapes and sizes the contract of measurements tells. */
function known(of: Measurement, at: Place, steps: number): Record<string, Field> {
  const { v, seed } = at;
  const ce = lossAt(at);
  switch (of.kind) {
    case 'validation':
      return {
        ...{ ce, bitsPerCharacter: ce / 2.4, tokens: steps * 512 },
        steps: list(10, (i) => ((i + 1) * steps) / 10),
        curve: list(10, (i) => ce + 1.5 * (1 - (i + 1) / 10) ** 2),
      };
    case 'training':
      return {
        steps: list(of.parts, (i) => ((i + 1) * steps) / of.parts),
        ...Object.fromEntries(
          of.names.map((name) => [name, list(of.parts, (i) => ce + 1 - i / of.parts)]),
        ),
      };
    case 'times': {
      const ms = 40 + 8 * v + wave(seed, v);
      return { ms, rounds: list(of.rounds, (i) => ms + wave(seed, v, i)), share: 1 - 0.05 * v };
    }
    default:
      return {};
  }
}

/** Every field that terms read of a measurement. */
function measure(of: Measurement, shapes: Shapes, at: Place, steps: number): Measured {
  const told = known(of, at, steps);
  const read = shapes.fieldsOf(of.id).filter((field) => !(field in told));
  const others = read.map((field) => {
    const shape = shapes.of(of.id, field) ?? [];
    // Parts, layers, ranks and slots of loads have all their places.
    const whole = of.kind === 'loads' ? [of.parts, 4, 2, 8].slice(0, shape.length) : shape;
    const size = whole.map((n, i) => Math.max(n, shape[i] ?? 1));
    return [field, arrayOf(size, 1 + 0.1 * at.v, at)] as const;
  });
  return { ...told, ...Object.fromEntries(others) };
}

function runOf(recipe: Recipe, variant: string, budget: BudgetName, seed: number): RunResult {
  const experiment = variantExperiment(recipe, variant, { budget, seed });
  const resources = resourcesOf(experiment);
  const steps = experiment.optimizer.totalSteps;
  return {
    ...{ variant, experiment, steps, tokens: resources.D, resources },
    ...{ realisedFlops: resources.flops * 0.9, diverged: null },
  };
}

interface FakeResult {
  seeds?: readonly number[];
  budget?: BudgetName;
  adapter?: string;
}

/** A result of a recipe, all of its groups and seeds. */
export function fakeResult(recipe: Recipe, options: FakeResult = {}): RecipeResult {
  const { seeds = [1, 2, 3], budget = 'quick', adapter = 'made up' } = options;
  const ground = { version: PRODUCT_VERSION, recipe: recipe.name, budget, adapter };
  const digest = recipeDigest(recipe, budget);
  const shapes = neededShapes(recipe);
  const units = seeds.flatMap((seed) =>
    groupsOf(recipe).map(({ id, variants }): UnitResult => {
      const runs = variants.map((variant) => runOf(recipe, variant, budget, seed));
      const measured = recipe.measurements.map((measurement) => {
        const of = variants.filter((one) => measurement.of?.includes(one) ?? true);
        const values = of.map((one) => {
          const v = recipe.variants.findIndex((variant) => variant.id === one);
          const steps = runs.find(({ variant }) => variant === one)?.steps ?? 0;
          return [one, measure(measurement, shapes, { v, seed }, steps)] as const;
        });
        return [measurement.id, Object.fromEntries(values)] as const;
      });
      return {
        ...{ format: 1, kind: 'unit', ...ground, digest, group: id, seed, runs },
        measured: Object.fromEntries(measured),
        times: { begunAt: '2026-11-26T12:00:00Z', seconds: 30 },
      };
    }),
  );
  return { format: 1, kind: 'recipe', ...ground, digest, units };
}
