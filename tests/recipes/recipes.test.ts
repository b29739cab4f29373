import { describe, expect, it } from 'vitest';
import { columnOf } from '../../src/analysis/papers/printed.ts';
import { PAPERS } from '../../src/analysis/papers.ts';
import { checkConstraints } from '../../src/config/constraints.ts';
import { parseExperiment } from '../../src/config/parse.ts';
import { readsOf } from '../../src/recipes/evaluate.ts';
import { runKey, variantExperiment } from '../../src/recipes/experiments.ts';
import { groupsOf, trainingOrder } from '../../src/recipes/groups.ts';
import { checkHeld, heldTable } from '../../src/recipes/held.ts';
import { BUDGETS, type Effect, type FigureSpec, type Recipe } from '../../src/recipes/recipe.ts';
import { RECIPES, recipeNamed } from '../../src/recipes/recipes.ts';
import type { Term } from '../../src/recipes/term.ts';
import { verdictOf } from '../../src/recipes/verdict.ts';
import { syntheticResult } from './synthetic.ts';

const NAMES = [
  ...[1, 2, 3, 4, 5].map((n) => `modse-${n}`),
  ...[1, 2, 3, 4, 5, 6].map((n) => `moepp-${n}`),
  ...[1, 2, 3, 4, 5].map((n) => `tcmoe-${n}`),
  ...['1', '1a', '2', '3', '4', '5', '6'].map((n) => `equalres-${n}`),
  ...[1, 2, 3, 4, 5, 6].map((n) => `ladimo-${n}`),
  ...[1, 2].map((n) => `balancing-${n}`),
];

function termsOfEffect(effect: Effect): Term[] {
  switch (effect.test) {
    case 'difference':
      return [effect.variant, effect.reference];
    case 'value':
      return [effect.value];
    case 'trend':
    case 'optimum':
      return [effect.settings, effect.values];
    case 'share':
      return [effect.hit];
    case 'parts':
      return effect.parts.flatMap(termsOfEffect);
  }
}

const effectsOf = ({ primary, shown }: Recipe) => [...(primary ? [primary] : []), ...shown];

function termsOfFigure(figure: FigureSpec): Term[] {
  return figure.kind === 'table'
    ? figure.rows.flatMap(({ cells }) => cells)
    : figure.series.flatMap(({ x, y }) => [x, y]);
}

function termsOf(recipe: Recipe): Term[] {
  return [...effectsOf(recipe).flatMap(termsOfEffect), ...recipe.figures.flatMap(termsOfFigure)];
}

it('has the papers’ 28 claims, Figure 1a and two of balancing', () => {
  expect(RECIPES.map(({ name }) => name)).toEqual(NAMES);
  expect(RECIPES.filter(({ primary }) => primary === null).map(({ name }) => name)).toEqual([
    'equalres-1a',
  ]);
  expect(() => recipeNamed('modse-9')).toThrow('there is no recipe "modse-9"; there are modse-1');
});

describe.each(RECIPES)('$name', (recipe) => {
  const ids = recipe.variants.map(({ id }) => id);

  it.each(BUDGETS)('trains sound experiments of four layers or more: %s', (budget) => {
    for (const id of ids) {
      const experiment = variantExperiment(recipe, id, { budget, seed: 3 });
      expect(checkConstraints(experiment).filter(({ severity }) => severity === 'error')).toEqual(
        [],
      );
      const parsed = parseExperiment(JSON.parse(JSON.stringify(experiment)));
      expect(parsed.problems).toEqual([]);
      expect(parsed.experiment).toEqual(experiment);
      expect(experiment.model.L).toBeGreaterThanOrEqual(4);
      expect(experiment.seeds).toEqual({ init: 3, data: 3, drop: 3 });
    }
  });

  it('trains each of its variants once', () => {
    const runs = ids.map((id) =>
      runKey(variantExperiment(recipe, id, { budget: 'quick', seed: 1 })),
    );
    // A widened variant is another one only when its width is measured.
    const own = recipe.variants.filter(({ derived }) => derived === undefined);
    expect(new Set(runs).size).toBe(own.length);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(BUDGETS)('holds equal what it says: %s', (budget) => {
    expect(recipe.held.length).toBeGreaterThan(0);
    expect(() => checkHeld(recipe, { budget })).not.toThrow();
    for (const { mismatch } of heldTable(recipe, { budget })) expect(mismatch).toBeLessThan(0.01);
  });

  it('puts every variant into one group, behind what it is derived from', () => {
    const groups = groupsOf(recipe);
    expect(groups.flatMap(({ variants }) => variants).sort()).toEqual([...ids].sort());
    for (const group of groups) {
      const order = trainingOrder(recipe, group);
      for (const { id, derived } of recipe.variants) {
        if (derived === undefined || !order.includes(id)) continue;
        expect(order.indexOf(derived.from.of)).toBeLessThan(order.indexOf(id));
      }
    }
  });

  it('reads what it measures', () => {
    const measured = new Map(recipe.measurements.map(({ id, of }) => [id, of ?? ids]));
    expect(measured.size).toBe(recipe.measurements.length);
    const reads = termsOf(recipe).flatMap(readsOf);
    for (const { read, of } of reads) expect(measured.get(read), `${read} of ${of}`).toContain(of);
    const unread = [...measured.keys()].filter((id) => !reads.some(({ read }) => read === id));
    expect(unread.filter((id) => id !== 'loss')).toEqual([]);
  });

  it('comes to a verdict where all is measured', () => {
    const verdict = verdictOf(recipe, syntheticResult(recipe));
    expect(verdict.seeds).toEqual([1, 2, 3]);
    if (recipe.primary !== null) expect(verdict.words.length).toBeGreaterThan(0);
    // What is made up may leave a curve unreached: then the seed is left out, and it is said.
    for (const effect of [verdict.primary, ...verdict.shown]) {
      if (effect?.judged.test !== 'refused') continue;
      expect(effect.judged.reason).toBe('seeds');
      expect(effect.leftOut.length).toBeGreaterThan(0);
    }
  });

  it('names the printed numbers where they stand', () => {
    const tables = PAPERS.find(({ id }) => id === recipe.paper)?.tables ?? [];
    const found = (where: string) => tables.find((table) => table.where === where);
    expect(recipe.printed.length).toBeGreaterThan(0);
    for (const { where, inTable } of recipe.printed)
      expect(found(where) !== undefined, where).toBe(inTable);
    for (const figure of recipe.figures) {
      for (const { where, x, y } of figure.kind === 'table' ? [] : (figure.printed ?? [])) {
        expect(columnOf(found(where)!, x).length).toBe(columnOf(found(where)!, y).length);
      }
    }
  });

  it('is JSON', () => {
    expect(JSON.parse(JSON.stringify(recipe))).toEqual(recipe);
  });
});
