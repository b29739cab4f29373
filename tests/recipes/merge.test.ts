import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeResults, mergeUnits, seedsOf, wholeSeedsOf } from '../../src/recipes/merge.ts';
import { parseResult } from '../../src/recipes/parseResult.ts';
import { recipeNamed } from '../../src/recipes/recipes.ts';
import { syntheticUnit, syntheticUnits, withField } from './synthetic.ts';

const recipe = recipeNamed('modse-1');
const units = syntheticUnits(recipe, [3, 1, 2]);
const whole = mergeUnits(recipe, units);

describe('merging', () => {
  it('sorts by seed and then by group', () => {
    expect(whole.units.map(({ seed, group }) => `${seed} ${group}`)).toEqual([
      '1 uniform',
      '1 diverse',
      '2 uniform',
      '2 diverse',
      '3 uniform',
      '3 diverse',
    ]);
    expect(seedsOf(whole)).toEqual([1, 2, 3]);
    // What was cancelled between two groups of a seed.
    const cut = mergeUnits(recipe, whole.units.slice(1));
    expect([seedsOf(cut), wholeSeedsOf(recipe, cut)]).toEqual([
      [1, 2, 3],
      [2, 3],
    ]);
  });

  it('gives the same from any shards in any order, as often as one likes', () => {
    const shuffled = fc.shuffledSubarray([...units, ...units], { minLength: 2 * units.length });
    fc.assert(
      fc.property(shuffled, fc.integer({ min: 1, max: 11 }), (all, cut) => {
        const shards = [all.slice(0, cut), all.slice(cut)].map((part) => mergeUnits(recipe, part));
        expect(mergeResults(recipe, shards)).toEqual(whole);
        expect(mergeResults(recipe, [...shards, whole, ...all])).toEqual(whole);
      }),
      { numRuns: 10 },
    );
  });

  it.each([
    ['version', '0.2.0'],
    ['digest', '0123456789abcdef'],
    ['budget', 'long'],
    ['adapter', 'another'],
  ])('refuses results of unlike %s', (name, value) => {
    const other = { ...syntheticUnit(recipe, 'uniform', 4), [name]: value };
    expect(() => mergeUnits(recipe, [...units, other])).toThrow(`results of unlike ${name}`);
    expect(() => mergeResults(recipe, [whole, other])).toThrow(value);
  });

  it('refuses another recipe, an unknown group, and nothing', () => {
    expect(() => mergeUnits(recipeNamed('modse-2'), units)).toThrow('unlike recipe');
    const other = { ...units[0]!, group: 'widened' };
    expect(() => mergeUnits(recipe, [other])).toThrow(
      'modse-1 has no group "widened"; it has uniform, diverse',
    );
    expect(() => mergeUnits(recipe, [])).toThrow('nothing to merge');
  });

  it('refuses two results of one unit that differ in a loss', () => {
    const other = withField(units[0]!, ['loss', 'uniform', 'ce'], 1.5);
    expect(() => mergeUnits(recipe, [...units, other])).toThrow(
      'two results of group uniform with seed 3 differ in more than times',
    );
  });

  it('takes the earlier of two results that differ in times alone', () => {
    const timed = recipeNamed('modse-5');
    const first = syntheticUnit(timed, 'uniform', 1);
    const again = {
      ...withField(first, ['times', 'diverse', 'ms'], 99),
      times: { begunAt: '2026-01-02T00:00:00.000Z', seconds: 11 },
    };
    expect(mergeUnits(timed, [again, first]).units).toEqual([first]);
    expect(mergeUnits(timed, [first, again]).units).toEqual([first]);
  });
});

describe('a file of results', () => {
  const file = (): Record<string, unknown> => JSON.parse(JSON.stringify(whole));

  it('comes back as it was', () => {
    expect(parseResult(file())).toEqual(whole);
    expect(parseResult(JSON.parse(JSON.stringify(units[0])))).toEqual(units[0]);
  });

  it.each<[string, (file: Record<string, unknown>) => void]>([
    ['kind', (of) => Object.assign(of, { kind: 'other' })],
    ['budget', (of) => Object.assign(of, { budget: 'tiny' })],
    ['units', (of) => Object.assign(of, { units: null })],
    ['units.0.seed', (of) => Object.assign((of.units as object[])[0]!, { seed: -1 })],
    [
      'units.0.runs.0.experiment',
      (of) =>
        Object.assign((of.units as { runs: object[] }[])[0]!.runs[0]!, {
          experiment: { version: 9 },
        }),
    ],
    [
      'units.0.measured.loss.uniform.ce',
      (of) =>
        Object.assign(
          (of.units as { measured: Record<string, Record<string, object>> }[])[0]!.measured.loss!
            .uniform!,
          { ce: { shape: [3], data: [1] } },
        ),
    ],
  ])('is refused by the name of what is wrong: %s', (path, change) => {
    const wrong = file();
    change(wrong);
    expect(() => parseResult(wrong)).toThrow(path);
  });
});
