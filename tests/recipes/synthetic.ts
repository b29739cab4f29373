/** Results of recipes whose numbers are made up, with every field that a measurement gives. */
import { FIGURES } from '../../src/analysis/figures.ts';
import { uniform } from '../../src/config/hash.ts';
import { isMoeLayer } from '../../src/config/layers.ts';
import { recipeDigest } from '../../src/recipes/digest.ts';
import { variantExperiment } from '../../src/recipes/experiments.ts';
import { groupsOf } from '../../src/recipes/groups.ts';
import { resourcesOf } from '../../src/recipes/held.ts';
import type { FigureAsk, Measured, Measurement } from '../../src/recipes/measurement.ts';
import { mergeUnits } from '../../src/recipes/merge.ts';
import type { BudgetName, Recipe } from '../../src/recipes/recipe.ts';
import type { RecipeResult, UnitResult } from '../../src/recipes/result.ts';
import type { Measure } from '../../src/recipes/term.ts';

/** Numbers above 0 that depend on everything that they are of. */
class Numbers {
  #count = 0;
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  next(): number {
    this.#count++;
    return 1 + uniform(this.#seed, this.#count);
  }

  array(...shape: number[]): Measure {
    const length = shape.reduce((product, n) => product * n, 1);
    return { shape, data: Array.from({ length }, () => this.next()) };
  }
}

const rising = (n: number): Measure => ({
  shape: [n],
  data: Array.from({ length: n }, (_, i) => i + 1),
});

/** Lengths of the axes of figures. */
function axisLength(axis: string, recipe: Recipe, variant: string, ask: FigureAsk): number {
  const { experts } = variantExperiment(recipe, variant, { budget: 'quick', seed: 1 });
  const { request } = ask;
  const thresholds =
    request.figure === 'difficult'
      ? 'quantiles' in request
        ? request.quantiles.length
        : request.thresholds.length
      : 0;
  const lengths: Record<string, number> = {
    R: experts.slots.length,
    N: experts.slots.filter(({ kind }) => kind === 'ffn').length,
    W: 2,
    K: 5,
    M: 5,
    C: 7,
    sign: 2,
    bin: 20,
    interval: 10,
    Q: 4,
    decile: 10,
    threshold: thresholds,
  };
  const length = lengths[axis];
  if (length === undefined) throw new Error(`no length of axis ${axis}`);
  return length;
}

function moeLayers(recipe: Recipe, variant: string): number[] {
  const { model } = variantExperiment(recipe, variant, { budget: 'quick', seed: 1 });
  return Array.from({ length: model.L }, (_, l) => l).filter((l) => isMoeLayer(model, l));
}

type Rows = Readonly<Record<string, { axes?: readonly string[] }>>;

function figureFields(ask: FigureAsk, recipe: Recipe, variant: string, numbers: Numbers): Measured {
  const figure: { rows: object; layerRows: object } = FIGURES[ask.request.figure];
  const layers = moeLayers(recipe, variant).length;
  const value = (rows: object, name: string, before: number[]) => {
    const row = (rows as Rows)[name];
    if (row === undefined) throw new Error(`${ask.request.figure} has no ${name}`);
    const shape = (row.axes ?? []).map((axis) => axisLength(axis, recipe, variant, ask));
    return before.length + shape.length === 0 ? numbers.next() : numbers.array(...before, ...shape);
  };
  const over = (ask.fields ?? []).map((name) => [
    `${ask.as}.${name}`,
    value(figure.rows, name, []),
  ]);
  const perLayer = (ask.layerFields ?? []).map((name) => [
    `${ask.as}.layers.${name}`,
    value(figure.layerRows, name, [layers]),
  ]);
  return Object.fromEntries([...over, ...perLayer]);
}

function conversionFields(layers: readonly number[], numbers: Numbers): Measured {
  const n = layers.length;
  const names = ['teacher', 'adaptive', 'slotsAdaptive', 'slotsStatic', 'msStatic', 'msAdaptive'];
  const own = [...names, 'ownBefore', 'ownAfter'].map((name) => [name, numbers.next()]);
  return {
    ...Object.fromEntries(own),
    layers: { shape: [n], data: [...layers] },
    mse: numbers.array(n),
    curveSteps: rising(10),
    curve: numbers.array(n, 10),
    converted: numbers.array(n),
    alone: numbers.array(n),
    active: numbers.array(n + 1),
    prefill: numbers.array(n + 1),
    domainBefore: numbers.array(5),
    domainAfter: numbers.array(5),
  };
}

function shockFields(
  { window, after }: { window: number; after: number },
  layers: number[],
  numbers: Numbers,
): Measured {
  const n = after - window + 1;
  return {
    steps: numbers.next(),
    back: numbers.next(),
    calm: numbers.next(),
    layers: { shape: [layers.length], data: layers },
    byLayer: numbers.array(layers.length),
    curveSteps: rising(n),
    curve: numbers.array(n),
  };
}

function fieldsOf(
  measurement: Measurement,
  recipe: Recipe,
  variant: string,
  numbers: Numbers,
): Measured {
  switch (measurement.kind) {
    case 'validation':
      return {
        ce: numbers.next(),
        bitsPerCharacter: numbers.next(),
        tokens: 1000,
        compute: numbers.next(),
        activationRate: numbers.next(),
        steps: rising(10),
        curve: numbers.array(10),
        perDomain: numbers.array(5),
        generated: numbers.next(),
      };
    case 'training': {
      const { names, parts } = measurement;
      const scalars = names.map((name) => [name, numbers.array(parts)]);
      return { steps: rising(parts), ...Object.fromEntries(scalars) };
    }
    case 'loads': {
      const layers = moeLayers(recipe, variant);
      const { experts } = variantExperiment(recipe, variant, { budget: 'quick', seed: 1 });
      return {
        steps: rising(measurement.parts),
        layers: { shape: [layers.length], data: layers },
        counts: numbers.array(measurement.parts, layers.length, 2, experts.slots.length),
        maxMin: numbers.array(measurement.parts, layers.length, 2),
      };
    }
    case 'followed':
      return {
        steps: rising(10),
        ...Object.fromEntries(measurement.names.map((name) => [name, numbers.array(10)])),
      };
    case 'shock':
      return shockFields(measurement, moeLayers(recipe, variant), numbers);
    case 'figures': {
      const layers = moeLayers(recipe, variant);
      const all = measurement.ask.map((ask) => figureFields(ask, recipe, variant, numbers));
      return Object.assign({ layers: { shape: [layers.length], data: layers } }, ...all);
    }
    case 'probes':
      return Object.fromEntries(
        measurement.tasks.map((task) => [`${task}.accuracy`, numbers.next()]),
      );
    case 'times':
      return {
        ms: numbers.next(),
        rounds: numbers.array(measurement.rounds),
        share: numbers.next(),
      };
    case 'placement':
      return Object.fromEntries(
        measurement.policies.flatMap((policy) =>
          ['flops', 'tokens', 'parameters'].map((name) => [`${policy}.${name}`, numbers.next()]),
        ),
      );
    case 'conversion':
      return conversionFields(measurement.settings.layers, numbers);
  }
}

const digests = new Map<string, string>();

/** The recipe's own digest, made once. */
function digestAt(recipe: Recipe, budget: BudgetName): string {
  const key = `${recipe.name} ${budget}`;
  const digest = digests.get(key) ?? recipeDigest(recipe, budget);
  digests.set(key, digest);
  return digest;
}

/** A number from a text. */
function hashOf(text: string): number {
  return [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);
}

/** A unit with every field; equal for equal arguments. */
export function syntheticUnit(
  recipe: Recipe,
  group: string,
  seed: number,
  budget: BudgetName = 'quick',
): UnitResult {
  const { variants } = groupsOf(recipe).find(({ id }) => id === group)!;
  const measured = recipe.measurements.map((measurement) => {
    const of = variants.filter((id) => measurement.of?.includes(id) ?? true);
    const fields = of.map((id) => {
      const numbers = new Numbers(hashOf(`${recipe.name} ${measurement.id} ${id} ${seed}`));
      return [id, fieldsOf(measurement, recipe, id, numbers)];
    });
    return [measurement.id, Object.fromEntries(fields)];
  });
  const runs = variants.map((variant) => {
    const experiment = variantExperiment(recipe, variant, { budget, seed });
    const { totalSteps: steps } = experiment.optimizer;
    const resources = resourcesOf(experiment);
    return {
      variant,
      experiment,
      steps,
      tokens: resources.D,
      resources,
      realisedFlops: resources.flops,
      diverged: null,
    };
  });
  return {
    format: 1,
    kind: 'unit',
    version: '0.1.0',
    recipe: recipe.name,
    digest: digestAt(recipe, budget),
    budget,
    adapter: 'synthetic',
    group,
    seed,
    runs,
    measured: Object.fromEntries(measured),
    times: { begunAt: '2026-01-01T00:00:00.000Z', seconds: 10 },
  };
}

/** All groups with these seeds. */
export function syntheticUnits(recipe: Recipe, seeds: readonly number[]): UnitResult[] {
  return seeds.flatMap((seed) => groupsOf(recipe).map(({ id }) => syntheticUnit(recipe, id, seed)));
}

export function syntheticResult(
  recipe: Recipe,
  seeds: readonly number[] = [1, 2, 3],
): RecipeResult {
  return mergeUnits(recipe, syntheticUnits(recipe, seeds));
}

/** The unit with one field of a measurement set. */
export function withField(
  unit: UnitResult,
  [measurement, variant, field]: readonly [string, string, string],
  value: Measure,
): UnitResult {
  const variants = unit.measured[measurement]!;
  const fields = { ...variants[variant]!, [field]: value };
  const measured = { ...unit.measured, [measurement]: { ...variants, [variant]: fields } };
  return { ...unit, measured };
}
