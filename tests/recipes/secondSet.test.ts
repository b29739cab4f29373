/** A second set of seeds, from its results to the text that tells of it. */
import { describe, expect, it } from 'vitest';
import { parseFound } from '../../src/recipes/parseResult.ts';
import type { Recipe } from '../../src/recipes/recipe.ts';
import { recipeNamed } from '../../src/recipes/recipes.ts';
import type { RecipeResult, UnitResult } from '../../src/recipes/result.ts';
import { outcomeOf, predictionOf, secondSetReport } from '../../src/recipes/secondSet.ts';
import type { FoundSets } from '../../src/recipes/secondSetFile.ts';
import { foundSets, secondSets, secondSetText } from '../../src/recipes/secondSetText.ts';
import { meanAndDeviation } from '../../src/recipes/statistics/seeds.ts';
import { syntheticResult, withField } from './synthetic.ts';

const recipe = recipeNamed('modse-1');
const first = syntheticResult(recipe);
const moved = (by: number, of: RecipeResult = first): RecipeResult => ({
  ...of,
  units: of.units.map((unit) => ({ ...unit, seed: unit.seed + by })),
});
const second = moved(3);
const diverged = (of: RecipeResult): RecipeResult => ({
  ...of,
  units: of.units.map((unit) => ({
    ...unit,
    runs: unit.runs.map((run) => ({ ...run, diverged: 'the loss is NaN' })),
  })),
});
/** The entries as a file gives them back. */
const stored = (found: FoundSets) => parseFound(JSON.parse(JSON.stringify({ format: 2, found })));
const outcomesOf = (of: Recipe, a: RecipeResult, found: FoundSets) =>
  secondSets([of], [a], found).map(({ outcome }) => outcome);

/** A result with these losses at the end of variants, by seed. */
function withLosses(of: Recipe, losses: Record<string, readonly number[]>): RecipeResult {
  const result = syntheticResult(of);
  const units = result.units.map((unit) =>
    Object.entries(losses).reduce(
      (now: UnitResult, [variant, values]) =>
        now.measured.loss?.[variant] === undefined
          ? now
          : withField(now, ['loss', variant, 'ce'], values[unit.seed - 1]!),
      unit,
    ),
  );
  return { ...result, units };
}

describe('means found', () => {
  it('are those of other seeds alone, and of all of them', () => {
    const found = foundSets([recipe], [first], [second], {});
    expect(outcomesOf(recipe, first, stored(found))).toEqual([outcomeOf(recipe, second)]);
    const some = { ...second, units: second.units.filter(({ seed }) => seed !== 5) };
    // A seed that lacks a group is not there yet: its run goes on.
    const begun = { ...second, units: second.units.slice(1) };
    const others = [first, moved(2), some, begun, { ...second, digest: 'another' }];
    for (const other of others) expect(foundSets([recipe], [first], [other], {})).toEqual({});
    expect(foundSets([recipe], [], [second], {})).toEqual({});
  });

  it('are no times of another adapter, and stay where a margin changes', () => {
    const timed = recipeNamed('moepp-1');
    const a = syntheticResult(timed);
    const b = moved(3, a);
    expect(Object.keys(foundSets([timed], [a], [b], {}))).toEqual(['moepp-1']);
    expect(foundSets([timed], [a], [{ ...b, adapter: 'another' }], {})).toEqual({});
    const found = foundSets([recipe], [first], [second], {});
    expect(found).toEqual(foundSets([recipe], [first], [{ ...second, adapter: 'another' }], {}));
    const wider: Recipe = { ...recipe, primary: { ...recipe.primary!, margin: 0.5 } };
    expect(outcomesOf(wider, first, found)).toEqual([outcomeOf(recipe, second)]);
  });

  it('rest on quick results, whatever else is recorded', () => {
    const larger: RecipeResult = { ...first, budget: 'standard', units: first.units.slice(1) };
    const alone = secondSets([recipe], [first], {});
    expect(secondSets([recipe], [larger, first], {})).toEqual(alone);
    expect(secondSets([recipe], [larger], {})).toEqual([]);
    const found = foundSets([recipe], [first], [second], {});
    expect(foundSets([recipe], [larger, first], [second], {})).toEqual(found);
  });

  it('of an earlier folder stay where recipe, effect and seeds do', () => {
    const before = stored(foundSets([recipe], [first], [second], {}));
    expect(foundSets([recipe], [first], [], before)).toEqual(before);
    // Words may change, the effect may not.
    const { primary } = recipe;
    if (primary?.test !== 'difference') throw new Error('a difference was expected');
    const renamed = { ...recipe, primary: { ...primary, label: 'called otherwise' } };
    expect(foundSets([renamed], [first], [], before)).toEqual(before);
    const swapped = { ...primary, variant: primary.reference, reference: primary.variant };
    const other = { ...recipe, primary: swapped };
    expect(foundSets([other], [first], [], before)).toEqual({});
    expect(outcomesOf(other, first, before)).toEqual([null]);
    // A recorded set that took the seeds of the second is not held against itself.
    for (const a of [{ ...first, digest: 'another' }, moved(4)]) {
      expect(foundSets([recipe], [a], [], before)).toEqual({});
      expect(outcomesOf(recipe, a, before)).toEqual([null]);
    }
  });
});

describe('a claim whose parts together are the effect', () => {
  const parts = recipeNamed('equalres-4');
  const ids = ['1dense', 'interleave+SE', 'interleave', 'full+SE'];
  const losses = (by: Record<string, number>) =>
    withLosses(parts, {
      '1dense+SE': [2.5, 2.6, 2.4],
      ...Object.fromEntries(
        ids.map((id) => [id, [2.7, 2.81, 2.59].map((loss) => loss + (by[id] ?? 0))]),
      ),
    });
  const a = losses({});
  const textOf = (b: RecipeResult) =>
    secondSetText(secondSets([parts], [a], stored(foundSets([parts], [a], [moved(3, b)], {}))));

  it('has every part predicted and found', () => {
    const prediction = predictionOf(parts, a, 3)!;
    expect(prediction.means.map(({ part }) => part)).toEqual(ids);
    for (const { d, interval } of prediction.means) {
      expect(d).toBeCloseTo(-0.2, 12);
      expect(interval[1] - d).toBeCloseTo(0.035131, 5);
    }
    const found = foundSets([parts], [a], [moved(3, a)], {});
    const { outcome } = found['equalres-4']!;
    expect('means' in outcome && Object.keys(outcome.means)).toEqual(ids);
    expect(textOf(a)).toMatch(/− 1dense: −0\.2; .*− full, shared expert: −0\.2 \| inside \|/);
  });

  it('is outside if one part is, and counts once', () => {
    const text = textOf(losses({ interleave: 0.1, 'full+SE': -0.1 }));
    expect(text).toContain('| outside: − interleave; − full, shared expert |');
    expect(text).toContain('1 have a second set. 1 fell outside (equalres-4), at most 1 may');
  });
});

describe('a second set that cannot be tested', () => {
  const textOf = (found: FoundSets) => secondSetText(secondSets([recipe], [first], found));

  it('counts as outside where a run diverged, and stays with the next folder', () => {
    const found = stored(foundSets([recipe], [first], [diverged(second)], {}));
    const text = textOf(found);
    expect(text).toMatch(/\| – \| refused: seed 4: NaN is no finite .*; counts as outside \|/);
    expect(text).toContain('1 have a second set. 1 fell outside (modse-1), at most 1 may');
    expect(foundSets([recipe], [first], [], found)).toEqual(found);
    // A whole one comes in its place.
    expect(textOf(foundSets([recipe], [first], [second], found))).not.toContain('refused');
  });

  it('of several parts keeps the reason too', () => {
    const parts = recipeNamed('tcmoe-4');
    const a = syntheticResult(parts);
    const found = stored(foundSets([parts], [a], [diverged(moved(3, a))], {}));
    expect(outcomesOf(parts, a, found)).toMatchObject([{ refused: 'value', seeds: [4, 5, 6] }]);
    expect(foundSets([parts], [a], [], found)).toEqual(found);
    const whole = stored(foundSets([parts], [a], [moved(3, a)], found));
    expect(outcomesOf(parts, a, whole)).toEqual([outcomeOf(parts, moved(3, a))]);
  });

  it('does not count where too few seeds have a value', () => {
    const units = second.units.map((unit) =>
      unit.group === 'diverse' && unit.seed === 4 ? { ...unit, measured: {} } : unit,
    );
    const text = textOf(stored(foundSets([recipe], [first], [{ ...second, units }], {})));
    expect(text).toContain('| refused: 2 seeds count; a test needs at least 3; does not count |');
    expect(text).toContain('Of 1 claims 0 have a second set. 0 fell outside, at most 0 may');
    expect(text).toContain('Not counted: modse-1.');
  });
});

describe('the report', () => {
  const a = withLosses(recipe, { uniform: [2.5, 2.6, 2.4], diverse: [2.4, 2.51, 2.29] });
  const prediction = predictionOf(recipe, a, 3)!;
  const outcome = (mean: number) => ({ seeds: [4, 5, 6], means: { '': mean } });

  it('predicts a second set and counts what falls outside', () => {
    // 4.302653 · 0.01 · √(2/3).
    const [mean] = prediction.means;
    expect(mean!.interval[1] - mean!.d).toBeCloseTo(0.035131, 5);
    expect(outcomeOf(recipe, a)).toMatchObject({ means: { '': expect.closeTo(-0.1, 12) } });
    const report = secondSetReport([
      { prediction, outcome: outcome(-0.11) },
      { prediction, outcome: outcome(-0.2) },
    ]);
    expect(report).toMatchObject({ counted: 2, outside: 1, allowed: 1, within: true });
    expect(report.claims.map(({ outside }) => outside)).toEqual([false, true]);
  });

  it('tells what was predicted, what was found, and how many may fall outside', () => {
    const [set] = secondSets([recipe], [first], {});
    const [low, high] = set!.prediction.means[0]!.interval;
    const textOf = (mean: number | null) =>
      secondSetText([{ ...set!, outcome: mean === null ? null : outcome(mean) }]);
    expect(textOf(null)).toContain('No claim has a second set yet.');
    expect(textOf(null)).toMatch(/\| MoDSE 1: .* \| – \| not run yet \|/);
    const inside = meanAndDeviation([low, high]).d;
    expect(textOf(inside)).toContain('1 have a second set. 0 fell outside, at most 1 may');
    expect(textOf(inside)).toContain('| inside |');
    expect(textOf(high + 1)).toContain(
      '1 fell outside (modse-1), at most 1 may: within the bound.',
    );
    expect(textOf(high + 1)).toContain('| outside |');
    // A figure without a claim predicts nothing.
    const figure = recipeNamed('equalres-1a');
    expect(secondSets([figure], [syntheticResult(figure)], {})).toEqual([]);
  });
});
