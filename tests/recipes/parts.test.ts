/** Parts of a claim: each has its own word, by p after Holm; those that are only listed have none together. */
import { describe, expect, it } from 'vitest';
import { claimsText, sayEffect } from '../../src/recipes/claimsText.ts';
import { judgeEffect } from '../../src/recipes/judge.ts';
import { mergeUnits } from '../../src/recipes/merge.ts';
import type { Effect } from '../../src/recipes/recipe.ts';
import { RECIPES, recipeNamed } from '../../src/recipes/recipes.ts';
import { testValues } from '../../src/recipes/statistics/effect.ts';
import { testParts } from '../../src/recipes/statistics/structures.ts';
import { readingsOf, verdictOf } from '../../src/recipes/verdict.ts';
import { syntheticUnits, withField } from './synthetic.ts';

const claimed = { side: '<', margin: null } as const;
const partOf = (id: string, ...values: number[]) => ({
  ...{ id, ...claimed },
  test: testValues(
    values.map((value, i) => [i + 1, value]),
    claimed,
  ),
});

/** TC-MoE 1 with these losses below {1}, by set. */
function setsResult(below: Record<string, readonly number[]>) {
  const recipe = recipeNamed('tcmoe-1');
  const units = syntheticUnits(recipe, [1, 2, 3]).map((unit) =>
    Object.keys(unit.measured.loss ?? {}).reduce((now, id) => {
      const loss = 3 - (below[id]?.[unit.seed - 1] ?? 0);
      return withField(now, ['loss', id, 'ce'], loss);
    }, unit),
  );
  return mergeUnits(recipe, units);
}

describe('parts that are only listed', () => {
  const recipe = recipeNamed('tcmoe-1');
  const result = setsResult({ pm1: [0.3, 0.01, 0.2], null1: [0.3, 0.31, 0.32] });

  it('have no word together, and each its own after Holm', () => {
    const [sets] = verdictOf(recipe, result).shown;
    const { judged, words } = sets!;
    if (judged.test !== 'parts') throw new Error('parts were expected');
    expect(words).toEqual([]);
    expect(judged.deciding).toBeNull();
    expect(judged.parts.map((part) => part.words)).toEqual([['undecided'], ['agrees']]);
    const said = sayEffect(sets!);
    expect(said).toMatch(
      /\{−1, 1\}: −0\.17 \[.*\], 90 % \[.*\] against ±0\.01, p after Holm 0\.\d+: undecided \(3 more seeds would decide\); \{0, 1\}: /,
    );
    expect(said).toMatch(
      /\{0, 1\}: −0\.31 \[.*\], 90 % \[.*\] against ±0\.01, p after Holm 6\.93e-4: agrees$/,
    );
    expect(claimsText([result])).toContain(`- ${sets!.label}: ${said}.\n`);
  });

  it('say each on which side of its margin it lies where they are a check, without a test', () => {
    const time = recipeNamed('moepp-1');
    const units = syntheticUnits(time, [1, 2, 3]).map((unit) => {
      // All times lie on the line through their shares but that of τ 0.75, a third above it.
      const ids = ['plain', 'tau-0.1', 'tau-0.25', 'tau-0.5', 'tau-0.75', 'tau-1'];
      return ids.reduce((now, id, i) => {
        // The plain MoE drops as well: its own share is not 1, and all count by it.
        const share = 0.87 * (i === 0 ? 1 : 0.1 * i);
        const ms = (100 + (100 * share) / 0.87) * (id === 'tau-0.75' ? 1.3 : 1) + 0.01 * unit.seed;
        const timed = withField(now, ['experts', id, 'share'], share);
        return withField(timed, ['experts', id, 'ms'], ms);
      }, unit);
    });
    const [formula] = verdictOf(time, mergeUnits(time, units)).shown;
    const { judged } = formula!;
    if (judged.test !== 'parts') throw new Error('parts were expected');
    expect(formula!.words).toEqual([]);
    expect(judged.parts.map(({ inside }) => inside)).toEqual([true, true, true, false, true]);
    for (const { words, deciding } of judged.parts) expect([words, deciding]).toEqual([[], null]);
    expect(sayEffect(formula!)).toMatch(/τ 0\.75: \+0\.\d+ \[[^\]]*\]: outside 15 %; τ 1: /);
    expect(sayEffect(formula!)).toMatch(/τ 0\.1: \S+ \[[^\]]*\]: inside 15 %; /);
  });

  it('are refused together for what their first part is refused for', () => {
    const [sets] = recipe.shown as [Extract<Effect, { test: 'parts' }>];
    const units = result.units.map((unit) => ({
      ...unit,
      runs: unit.runs.map((run) => ({ ...run, diverged: 'the loss is NaN' })),
    }));
    const { judged, words } = judgeEffect(sets, readingsOf(mergeUnits(recipe, units)));
    expect(judged).toMatchObject({ test: 'refused', reason: 'value' });
    expect(words).toEqual([]);
  });
});

it('never judges a claim by parts that are only listed', () => {
  for (const { name, primary } of RECIPES)
    if (primary?.test === 'parts') expect(primary.all, name).toBe(true);
});

describe('seeds that would decide a part', () => {
  it('are those that do after Holm, with all parts of as many', () => {
    // Alone the first would agree; after Holm it does not, and the word comes with more seeds.
    const given = [partOf('a', -0.1, -0.14, -0.06), partOf('b', -0.02, 0.03, 0.01)];
    expect(given[0]!.test).toMatchObject({ words: ['agrees'], deciding: null });
    const { parts } = testParts(given);
    expect(parts[0]).toMatchObject({ words: ['undecided'], deciding: expect.any(Number) });
    const { deciding } = parts[0]!;
    // One seed fewer, at the same mean and deviation, is not enough.
    const wordsAt = (n: number) => {
      const test = (id: number) => ({ ...given[id]!, test: { ...given[id]!.test, n } });
      return testParts([test(0), test(1)]).parts[0]!.words;
    };
    expect(wordsAt(deciding!)).toEqual(['agrees']);
    if (deciding! > 4) expect(wordsAt(deciding! - 1)).toEqual(['undecided']);
  });

  it('are none of a part that is decided', () => {
    const { parts } = testParts([partOf('a', -1, -1.01, -0.99), partOf('b', -0.02, 0.03, 0.01)]);
    expect(parts[0]).toMatchObject({ words: ['agrees'], deciding: null });
  });
});
