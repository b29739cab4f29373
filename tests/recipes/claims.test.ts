/** Effects and printed points of single claims, as the papers and docs/statistics.md have them. */
import { describe, expect, it } from 'vitest';
import { claimsText, sayEffect } from '../../src/recipes/claimsText.ts';
import { figureData } from '../../src/recipes/figures.ts';
import { mergeUnits } from '../../src/recipes/merge.ts';
import type { Recipe } from '../../src/recipes/recipe.ts';
import { RECIPES, recipeNamed } from '../../src/recipes/recipes.ts';
import type { UnitResult } from '../../src/recipes/result.ts';
import type { Measure } from '../../src/recipes/term.ts';
import { verdictOf } from '../../src/recipes/verdict.ts';
import { syntheticResult, syntheticUnits, withField } from './synthetic.ts';

type Place = readonly [measurement: string, variant: string, field: string];

/** The units with fields set by seed, of those variants that a unit has. */
function withFields(
  units: readonly UnitResult[],
  fields: readonly (readonly [Place, (seed: number) => Measure])[],
): UnitResult[] {
  return units.map((unit) =>
    fields.reduce(
      (now, [place, of]) =>
        now.measured[place[0]]?.[place[1]] === undefined
          ? now
          : withField(now, place, of(unit.seed)),
      unit,
    ),
  );
}

const list = (data: readonly (number | null)[]): Measure => ({ shape: [data.length], data });

function effectOf(recipe: Recipe, units: readonly UnitResult[], id: string) {
  const { primary, shown } = verdictOf(recipe, mergeUnits(recipe, units));
  return [primary, ...shown].find((effect) => effect?.id === id)!;
}

describe('MoDSE 1, steps to the uniform’s loss', () => {
  const recipe = recipeNamed('modse-1');
  const at = list([10, 20, 30, 40]);
  const units = withFields(syntheticUnits(recipe, [1, 2, 3]), [
    [['loss', 'uniform', 'ce'], () => 2],
    [['loss', 'uniform', 'steps'], () => at],
    [['loss', 'diverse', 'steps'], () => at],
    // Reached at 20 and at 30 of 40 steps, and never.
    [
      ['loss', 'diverse', 'curve'],
      (seed) => list(seed < 3 ? [4, 4 - 2 / seed, 2, 1.9] : [4, 3, 3, 2.5]),
    ],
  ]);

  it('count a seed that never reaches it with all of them', () => {
    const { judged, leftOut, margin, label } = effectOf(recipe, units, 'steps');
    expect(judged).toMatchObject({ test: 'difference', n: 3, values: [-0.5, -0.25, 0] });
    expect([leftOut, margin]).toEqual([[], null]);
    expect(label).toContain('0, a lower bound, where it never does');
  });

  it('stay a gap where nothing was validated', () => {
    const none = withFields(units, [
      [['loss', 'diverse', 'curve'], () => list([null, null, null, null])],
    ]);
    expect(effectOf(recipe, none, 'steps').judged).toMatchObject({ reason: 'seeds' });
  });
});

describe('TC-MoE 2', () => {
  const recipe = recipeNamed('tcmoe-2');
  const point = (id: string, loss: number, K: (seed: number) => number) =>
    [
      [['loss', id, 'ce'], (seed: number) => loss + 0.001 * seed],
      [['work', id, 'workload.computingMean'], K],
    ] as const;
  /** At seed 3 the strongest reward falls below both baselines’ ranges. */
  const units = withFields(syntheticUnits(recipe, [1, 2, 3]), [
    ...point('topk', 2.4, () => 2),
    ...point('drop-0.15', 2.5, () => 1.85),
    ...point('drop-0.45', 2.6, () => 1.55),
    ...point('drop-0.7', 2.7, () => 1.3),
    ...point('topp-0.01', 2.8, () => 1.6),
    ...point('topp-0.03', 2.9, () => 1.5),
    ...point('topp-0.1', 3, () => 1.4),
    ...point('tcmoe', 2.3, () => 2),
    ...point('reward-0.003', 2.45, () => 1.7),
    ...point('reward-0.005', 2.5, (seed) => (seed === 3 ? 1.2 : 1.5)),
  ]);
  const result = mergeUnits(recipe, units);

  it('averages the pairs that every seed has, and lists the others', () => {
    const { judged, placesLeftOut, leftOut } = verdictOf(recipe, result).primary!;
    // Random drop at 2 and at 1.7: −0.1 and −0.1; Random drop and Top-P at 1.5: not in seed 3.
    expect(judged).toMatchObject({ test: 'value', n: 3, d: expect.closeTo(-0.1, 9) });
    expect(judged.test === 'value' && judged.s).toBeLessThan(1e-9);
    expect(leftOut).toEqual([]);
    expect(placesLeftOut.map(({ label, seeds }) => `${label}: ${seeds}`)).toEqual([
      'TC-MoE, {−1, 0, 1} − Top-P: 1,2,3',
      'TC-MoE, α₂ 0.003 − Top-P: 1,2,3',
      'TC-MoE, α₂ 0.005 − Random drop: 3',
      'TC-MoE, α₂ 0.005 − Top-P: 3',
    ]);
    const said = claimsText([result]);
    expect(said).toContain('- TC-MoE, α₂ 0.005 − Random drop is left out: undefined in seed 3.\n');
    expect(said).toContain('Top-P is left out: undefined in seeds 1, 2, 3.\n');
  });

  it('leaves out a seed without any pair, and is refused where seeds have none in common', () => {
    const far = (seeds: readonly number[]) =>
      withFields(
        units,
        ['tcmoe', 'reward-0.003', 'reward-0.005'].map((id) => [
          ['work', id, 'workload.computingMean'] as const,
          (seed) => (seeds.includes(seed) ? 0.5 : 1.45),
        ]),
      );
    const one = verdictOf(recipe, mergeUnits(recipe, far([2]))).primary!;
    expect(one.leftOut).toEqual([{ seed: 2, why: 'the figure is undefined' }]);
    expect(one.judged).toMatchObject({ test: 'refused', reason: 'seeds' });
    const apart = withFields(units, [
      ...['tcmoe', 'reward-0.003'].map(
        (id) => [['work', id, 'workload.computingMean'], () => 0.5] as const,
      ),
      // Random drop’s range alone, and then Top-P’s.
      [['work', 'reward-0.005', 'workload.computingMean'], (seed) => (seed === 1 ? 1.9 : 1.29)],
      [['work', 'topp-0.1', 'workload.computingMean'], () => 1.2],
    ]);
    const none = verdictOf(recipe, mergeUnits(recipe, apart));
    expect(none.primary!.judged).toMatchObject({ test: 'refused', reason: 'settings' });
    expect(none.missing).toBeNull();
  });

  it('is refused where a run diverged', () => {
    const diverged = units.map((unit) =>
      unit.seed === 2 && unit.group === 'topk'
        ? { ...unit, runs: unit.runs.map((run) => ({ ...run, diverged: 'the loss is NaN' })) }
        : unit,
    );
    const { judged } = verdictOf(recipe, mergeUnits(recipe, diverged)).primary!;
    expect(judged).toMatchObject({ test: 'refused', reason: 'value' });
  });
});

it('MoE++ 6 counts spaces, punctuation and insides of words as simple, not newlines', () => {
  const recipe = recipeNamed('moepp-6');
  // Space, newline, digit, punctuation, start of a word, inside of a word, other.
  const computing = (seed: number) => list([1, 100, 50, 2, 4 + seed, 3, 70]);
  const units = withFields(syntheticUnits(recipe, [1, 2, 3]), [
    [['classes', 'moepp', 'classes.computing'], computing],
    [['classes', 'moepp', 'classes.tokens'], () => list([5, 7, 7, 5, 7, 10, 7])],
  ]);
  const { judged } = effectOf(recipe, units, 'simple');
  // (5·1 + 5·2 + 10·3)/20 = 2.25.
  expect(judged.test === 'difference' && judged.values).toEqual([-2.75, -3.75, -4.75]);
});

it('LaDiMo 5 shows the four domains that are not trained', () => {
  const recipe = recipeNamed('ladimo-5');
  const units = withFields(syntheticUnits(recipe, [1, 2, 3]), [
    [['domain', 'teacher', 'domainBefore'], () => list([1, 1, 1, 1, 1])],
    // Program code, the third, falls.
    [['domain', 'teacher', 'domainAfter'], (seed) => list([2, 2, -9, 2, 2 + 4 * seed])],
  ]);
  const others = effectOf(recipe, units, 'others');
  expect(others.judged.test === 'difference' && others.judged.values).toEqual([2, 3, 4]);
  expect(sayEffect(others)).toMatch(/^\+3 nats /);
});

describe('printed points', () => {
  const printed = RECIPES.flatMap((recipe) =>
    recipe.figures.flatMap((spec) => {
      const data = figureData(recipe, spec, { ...syntheticResult(recipe), units: [] });
      return data.kind === 'table' || data.printed.length === 0
        ? []
        : [[`${recipe.name} ${spec.id}`, data.printed] as const];
    }),
  );

  it.each(printed)('of %s go one way along each line', (_, series) => {
    for (const { points, label } of series) {
      expect(points.length, label).toBeGreaterThan(1);
      const x = points.map((point) => point.x);
      const rising = [...new Set(x)].sort((a, b) => a - b);
      expect([rising, rising.toReversed()], label).toContainEqual(x);
    }
    expect(new Set(series.map(({ where, label }) => `${where} ${label}`)).size).toBe(series.length);
  });

  const seriesOf = (name: string, id: string) => new Map(printed).get(`${name} ${id}`)!;

  it('of EqualRes 1a are a line per rate, and one of equal tokens', () => {
    const rates = seriesOf('equalres-1a', 'rates');
    expect(rates.map(({ label, points }) => [label, points.length])).toEqual([
      ['ra 8.74 %', 4],
      ['ra 10.81 %', 5],
      ['ra 19.11 %', 5],
      ['ra 34.95 %', 2],
      ['ra 50.79 %', 2],
    ]);
    const [fixed] = seriesOf('equalres-1a', 'data');
    expect(fixed!.points.map(({ y }) => y)).toEqual([0.5235, 0.5136, 0.5013, 0.4963, 0.495]);
  });

  it('of EqualRes 6 are a pair of equal K·D_e each', () => {
    expect(seriesOf('equalres-6', 'K').map(({ points }) => points)).toEqual([
      [
        { x: 1, y: 2.047 },
        { x: 11, y: 2.0338 },
      ],
      [
        { x: 2, y: 1.9996 },
        { x: 22, y: 2.0266 },
      ],
      [
        { x: 3, y: 2.0156 },
        { x: 33, y: 2.0235 },
      ],
    ]);
  });
});
