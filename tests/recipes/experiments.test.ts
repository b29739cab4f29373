import { describe, expect, it } from 'vitest';
import { variantExperiment, variantSteps } from '../../src/recipes/experiments.ts';
import { groupsOf, trainingOrder } from '../../src/recipes/groups.ts';
import { checkHeld, heldTable, resourcesOf } from '../../src/recipes/held.ts';
import type { Recipe } from '../../src/recipes/recipe.ts';
import { RECIPES, recipeNamed } from '../../src/recipes/recipes.ts';

const at = (recipe: Recipe, id: string, seed = 1) =>
  variantExperiment(recipe, id, { budget: 'quick', seed });

describe('lengths', () => {
  const recipe = recipeNamed('equalres-1');

  it('buys the steps that the dense model’s compute is worth', () => {
    const dense = resourcesOf(at(recipe, 'dense'));
    const sparse = resourcesOf(at(recipe, 'ra-0.2'));
    expect(variantSteps(recipe, 'dense', 'quick')).toBe(72);
    expect(variantSteps(recipe, 'dense-2', 'quick')).toBe(144);
    expect(sparse.C / dense.C).toBeCloseTo(1, 2);
    expect(sparse.D / dense.D).toBeGreaterThan(4);
    expect(sparse.Na / sparse.N).toBeCloseTo(0.2, 2);
  });

  it('refuses lengths that follow from each other', () => {
    const [dense, other] = recipe.variants;
    const variants = [
      { ...dense!, steps: { compute: { to: other!.id } } },
      ...recipe.variants.slice(1),
    ];
    expect(() => variantSteps({ ...recipe, variants }, 'dense', 'quick')).toThrow(
      'the lengths of dense, dense-2, dense go in a circle',
    );
  });

  it('warms up by its share, validates ten times, and gives reused data its epochs', () => {
    const { optimizer, evaluation } = at(recipeNamed('tcmoe-1'), 'topk');
    expect(optimizer.warmup / optimizer.totalSteps).toBe(0.1);
    expect(optimizer.totalSteps / evaluation.every).toBe(10);
    const { batch, data, optimizer: strict } = at(recipeNamed('equalres-3'), 'strict');
    const tokens = strict.totalSteps * batch.B * batch.S;
    expect(tokens / data.uniqueTokens!).toBeCloseTo(4.65, 2);
  });
});

describe('a derived variant', () => {
  const recipe = recipeNamed('modse-1');
  const width = (widthMean: number | null) =>
    variantExperiment(recipe, 'widened', {
      budget: 'quick',
      seed: 1,
      measured: { work: { diverse: { 'workload.widthMean': widthMean } } },
    }).experts.slots;

  it('has the width that was measured, on a whole number of steps', () => {
    expect(width(126.3)).toEqual(Array(8).fill({ kind: 'ffn', hidden: 128 }));
    expect(() => width(null)).toThrow('workload.widthMean of diverse is null');
  });

  it('is of one group with what it is measured on, and trained behind it', () => {
    const groups = groupsOf(recipe);
    expect(groups).toEqual([
      { id: 'uniform', variants: ['uniform'] },
      { id: 'diverse', variants: ['diverse', 'widened'] },
    ]);
    const turned = { ...recipe, variants: [...recipe.variants].reverse() };
    expect(trainingOrder(turned, groupsOf(turned)[0]!)).toEqual(['diverse', 'widened']);
  });
});

describe('groups', () => {
  it('joins what is timed in turn, and a baseline with what it is compared to', () => {
    expect(groupsOf(recipeNamed('moepp-1'))).toHaveLength(1);
    expect(groupsOf(recipeNamed('modse-3'))).toHaveLength(1);
    expect(groupsOf(recipeNamed('moepp-2'))).toHaveLength(6);
  });
});

describe('equal resources', () => {
  /** The recipe with one edit more in one variant. */
  function broken(name: string, id: string, edits: Recipe['base']): Recipe {
    const recipe = recipeNamed(name);
    const variants = recipe.variants.map((variant) =>
      variant.id === id ? { ...variant, edits: { ...variant.edits, ...edits } } : variant,
    );
    return { ...recipe, variants };
  }

  it('refuses a wider model with both numbers', () => {
    const recipe = broken('modse-1', 'diverse', {
      'experts.slots': Array.from({ length: 8 }, () => ({ kind: 'ffn', hidden: 132 })),
    });
    expect(() => checkHeld(recipe, { budget: 'quick' })).toThrow(
      /^modse-1 holds total parameters N equal, but 645120 of diverse is 9\.4 % more than 589824 of uniform; at most 1 % is allowed$/,
    );
  });

  it('refuses more tokens, and lets a difference within 1 % pass', () => {
    const recipe = recipeNamed('equalres-6');
    const longer = recipe.variants.map((variant) =>
      variant.id === 'K-4' ? { ...variant, steps: { share: 1.02 } } : variant,
    );
    expect(() => checkHeld({ ...recipe, variants: longer }, { budget: 'quick' })).toThrow(
      'training compute C',
    );
    const alike = recipe.variants.map((variant) =>
      variant.id === 'K-4' ? { ...variant, steps: { share: 1.005 } } : variant,
    );
    expect(() => checkHeld({ ...recipe, variants: alike }, { budget: 'quick' })).not.toThrow();
  });

  it('has the numbers that it rests on', () => {
    const [row] = heldTable(recipeNamed('modse-1'), { budget: 'quick' });
    expect(row).toMatchObject({ resource: 'N', mismatch: 0 });
    // Attention 4·4·48², experts 4·8·3·48·120.
    expect(row!.values).toEqual([
      { variant: 'uniform', value: 589824 },
      { variant: 'diverse', value: 589824 },
    ]);
  });

  it('trains what the papers’ recipes share once', () => {
    const names = RECIPES.filter(({ paper }) => paper !== 'balancing').flatMap((recipe) =>
      recipe.variants.map(({ id }) => JSON.stringify(at(recipe, id))),
    );
    expect(new Set(names).size).toBeLessThan(0.7 * names.length);
  });
});
