import { describe, expect, it } from 'vitest';
import { claimsText, sayEffect, saySigned } from '../../src/recipes/claimsText.ts';
import { figureData } from '../../src/recipes/figures.ts';
import { mergeUnits } from '../../src/recipes/merge.ts';
import type { Recipe } from '../../src/recipes/recipe.ts';
import { recipeNamed } from '../../src/recipes/recipes.ts';
import type { RecipeResult, UnitResult } from '../../src/recipes/result.ts';
import { nextSeeds, sayWords, smallestDifference, verdictOf } from '../../src/recipes/verdict.ts';
import { syntheticResult, syntheticUnits, withField } from './synthetic.ts';

const recipe = recipeNamed('modse-1');

/** The units with these losses at the end of a variant, by seed. */
function withLosses(
  units: readonly UnitResult[],
  losses: Record<string, readonly number[]>,
): UnitResult[] {
  return units.map((unit) =>
    Object.entries(losses).reduce(
      (now, [variant, values]) =>
        now.measured.loss?.[variant] === undefined
          ? now
          : withField(now, ['loss', variant, 'ce'], values[unit.seed - 1]!),
      unit,
    ),
  );
}

function result(losses: Record<string, readonly number[]>, of: Recipe = recipe): RecipeResult {
  const count = Object.values(losses)[0]!.length;
  const seeds = Array.from({ length: count }, (_, i) => i + 1);
  return mergeUnits(of, withLosses(syntheticUnits(of, seeds), losses));
}

const uniform = [2.5, 2.6, 2.4];

describe('a verdict', () => {
  it('agrees where the interval lies on the paper’s side', () => {
    const verdict = verdictOf(recipe, result({ uniform, diverse: [2.4, 2.51, 2.29] }));
    expect(verdict).toMatchObject({
      words: ['agrees'],
      onPapersSide: true,
      missing: null,
      seeds: [1, 2, 3],
    });
    const { judged } = verdict.primary!;
    // Differences −0.1, −0.09, −0.11: t(2) · 0.01/√3 = 0.02484.
    expect(judged).toMatchObject({ test: 'difference', n: 3, seeds: [1, 2, 3] });
    expect(sayEffect(verdict.primary!)).toBe(
      '−0.1 nats [−0.125, −0.0752], 90 % [−0.117, −0.0831] against ±0.01',
    );
  });

  it('is undecided with the seeds that it lacks', () => {
    const verdict = verdictOf(recipe, result({ uniform, diverse: [2.5, 2.55, 2.39] }));
    expect(verdict.words).toEqual(['undecided']);
    // d = −0.02, s = 0.02646: 10 seeds find 0.0189, 9 find 0.0203.
    expect(verdict.missing).toBe(7);
    expect(nextSeeds(verdict.seeds, 2)).toEqual([4, 5]);
    expect(nextSeeds([2, 7], 3)).toEqual([1, 3, 4]);
  });

  it('says that a seed is left out, and why', () => {
    const whole = result({ uniform: [...uniform, 2.5], diverse: [2.4, 2.51, 2.29, 2.4] });
    const units = whole.units.filter(({ seed, group }) => !(seed === 4 && group === 'uniform'));
    const verdict = verdictOf(recipe, mergeUnits(recipe, units));
    expect(verdict.primary!.leftOut).toEqual([{ seed: 4, why: 'no loss of uniform' }]);
    expect(verdict.words).toEqual(['agrees']);
  });

  it('refuses two seeds, and asks for the third', () => {
    const verdict = verdictOf(recipe, result({ uniform: [2.5, 2.6], diverse: [2.4, 2.5] }));
    expect(verdict.primary!.judged).toMatchObject({ test: 'refused', reason: 'seeds' });
    expect(verdict).toMatchObject({ words: ['undecided'], missing: 1 });
  });

  it('takes what needs a run that diverged for the same', () => {
    const of = recipeNamed('modse-3');
    const against = of.measurements.find((one) => one.kind === 'figures' && one.baseline);
    const units = syntheticUnits(of, [1, 2, 3, 4]).map((unit) => {
      if (unit.seed !== 2) return unit;
      const diverged = (variant: string) => (variant === 'uniform' ? 'the loss is NaN' : null);
      const runs = unit.runs.map((run) => ({ ...run, diverged: diverged(run.variant) }));
      return { ...unit, runs, measured: { ...unit.measured, [against!.id]: {} } };
    });
    const { judged } = verdictOf(of, mergeUnits(of, units)).primary!;
    expect(judged).toMatchObject({ test: 'refused', reason: 'value' });
  });

  it('takes a run that diverged for a finding, not for a gap', () => {
    const units = result({ uniform, diverse: [2.4, 2.5, 2.3] }).units.map((unit) =>
      unit.seed === 2 && unit.group === 'diverse'
        ? { ...unit, runs: unit.runs.map((run) => ({ ...run, diverged: 'the loss is NaN' })) }
        : unit,
    );
    const { primary } = verdictOf(recipe, mergeUnits(recipe, units));
    expect(primary!.judged).toMatchObject({ test: 'refused', reason: 'value' });
    expect(sayEffect(primary!)).toContain('seed 2: NaN is no finite number');
  });

  it('counts “no worse” for the paper where that is claimed', () => {
    const quality = recipeNamed('moepp-2');
    const verdict = verdictOf(
      quality,
      result({ plain: uniform, 'tau-0.75': [2.501, 2.599, 2.401] }, quality),
    );
    expect(verdict).toMatchObject({ words: ['equivalent'], onPapersSide: true });
    expect(sayWords(verdict)).toBe('equivalent (no worse, which is the paper’s side)');
    const loss = verdictOf(recipe, result({ uniform, diverse: [2.501, 2.599, 2.401] }));
    expect(loss).toMatchObject({ words: ['equivalent'], onPapersSide: false });
  });
});

describe('parts, shares and optima', () => {
  it('needs every part of a claim on all', () => {
    const best = recipeNamed('equalres-4');
    const others = ['1dense', 'interleave+SE', 'interleave', 'full+SE'];
    const losses = (last: readonly number[]) => ({
      '1dense+SE': uniform,
      ...Object.fromEntries(
        others.map((id) => [id, uniform.map((loss, i) => loss + 0.2 + 0.001 * i)]),
      ),
      'full+SE': last,
    });
    const all = verdictOf(best, result(losses([2.7, 2.801, 2.602]), best));
    expect(all.words).toEqual(['agrees']);
    const oneBetter = verdictOf(best, result(losses([2.3, 2.401, 2.202]), best));
    expect(oneBetter.words).toEqual(['disagrees']);
  });

  it('counts seeds in which the best rate is the same at all sizes', () => {
    const sizes = recipeNamed('equalres-2');
    const ids = [40, 48, 56].flatMap((width) =>
      [1, 4, 11].map((K) => [`D${width}-K${K}`, K] as const),
    );
    const losses = Object.fromEntries(
      ids.map(([id, K]) => [id, [1, 2, 3].map(() => (K === 4 ? 2 : 3))]),
    );
    const verdict = verdictOf(sizes, result(losses, sizes));
    expect(verdict.primary!.judged).toMatchObject({ test: 'share', hits: 3, n: 3, share: 1 });
    // Three of three against 1/9: the interval begins at 0.292.
    expect(verdict.words).toEqual(['agrees']);
    const other = verdictOf(sizes, result({ ...losses, 'D56-K1': [1, 1, 1] }, sizes));
    expect(other.primary!.judged).toMatchObject({ hits: 0 });
  });

  it('finds a best value inside of a range', () => {
    const constants = recipeNamed('moepp-5');
    const curve = [0.3, 0.1, 0, 0.1, 0.3];
    const losses = Object.fromEntries(
      [0, 1, 2, 4, 6].map((n, i) => [
        `constants-${n}`,
        uniform.map((loss, seed) => loss + curve[i]! * (1 + 0.01 * seed)),
      ]),
    );
    const verdict = verdictOf(constants, result(losses, constants));
    expect(verdict.words).toEqual(['agrees']);
    expect(verdict.primary!.judged).toMatchObject({ test: 'optimum', best: 2 });
  });

  it('compares TC-MoE with a baseline at equal experts, and leaves out pairs outside of its range', () => {
    const budget = recipeNamed('tcmoe-2');
    const at = (units: UnitResult[], id: string, loss: number, K: number) =>
      units.map((unit) =>
        unit.measured.loss![id] === undefined
          ? unit
          : withField(
              withField(unit, ['loss', id, 'ce'], loss + 0.001 * unit.seed),
              ['work', id, 'workload.computingMean'],
              K,
            ),
      );
    let units = syntheticUnits(budget, [1, 2, 3]);
    const points: [string, number, number][] = [
      ['topk', 2.4, 2],
      ['drop-0.15', 2.5, 1.85],
      ['drop-0.45', 2.6, 1.55],
      ['drop-0.7', 2.7, 1.3],
      ['topp-0.01', 2.8, 2.5],
      ['topp-0.03', 2.9, 2.4],
      ['topp-0.1', 3, 2.3],
      ['tcmoe', 2.45, 1.7],
      ['reward-0.003', 2.5, 1.55],
      ['reward-0.005', 2.5, 1.1],
    ];
    for (const [id, loss, K] of points) units = at(units, id, loss, K);
    const verdict = verdictOf(budget, mergeUnits(budget, units));
    // At 1.7 Random drop has 2.55: −0.1; at 1.55 it has 2.6: −0.1; all other pairs are outside.
    expect(verdict.primary!.judged).toMatchObject({ d: expect.closeTo(-0.1, 9), n: 3 });
    const pairs = verdict.shown[0]!.judged;
    expect(pairs.test === 'parts' && pairs.parts.map(({ d }) => d)).toEqual([
      expect.closeTo(-0.1, 9),
      expect.closeTo(-0.1, 9),
    ]);
    expect(pairs.test === 'parts' && pairs.refused).toHaveLength(4);
    expect(sayEffect(verdict.shown[0]!).match(/: no test: /g)).toHaveLength(4);
  });
});

describe('before and after', () => {
  const first = result({ uniform, diverse: [2.4, 2.51, 2.29] });

  it('says what difference n seeds find at the spread of a result', () => {
    // s = 0.01: t(2) · 0.01/√3, t(4) · 0.01/√5.
    expect(smallestDifference(recipe, first, 3)).toBeCloseTo(0.024841, 5);
    expect(smallestDifference(recipe, first, 5)).toBeCloseTo(0.012416, 5);
    expect(smallestDifference(recipe, first, 2)).toBeNull();
    expect(
      smallestDifference(
        recipeNamed('equalres-1a'),
        syntheticResult(recipeNamed('equalres-1a')),
        3,
      ),
    ).toBeNull();
  });

  it('takes the part with the largest spread', () => {
    const best = recipeNamed('equalres-4');
    const others = ['1dense', 'interleave+SE', 'interleave', 'full+SE'];
    const losses = Object.fromEntries(others.map((id) => [id, uniform.map((loss) => loss + 0.1)]));
    const spread = { ...losses, '1dense+SE': uniform, interleave: [2.6, 2.69, 2.51] };
    expect(smallestDifference(best, result(spread, best), 3)).toBeCloseTo(0.024841, 5);
  });
});

describe('figures', () => {
  it('are means over seeds with their spread', () => {
    const spec = recipe.figures.find(({ id }) => id === 'work')!;
    const data = figureData(recipe, spec, result({ uniform, diverse: uniform }));
    const cell = data.kind === 'table' ? data.rows[0]!.cells[0]! : null;
    expect(cell).toMatchObject({ n: 3, mean: expect.closeTo(2.5, 12), s: expect.closeTo(0.1, 12) });
    expect(cell!.interval![1] - 2.5).toBeCloseTo((4.302653 * 0.1) / Math.sqrt(3), 6);
  });

  it('leave out what diverged and keep the paper’s points apart', () => {
    const time = recipeNamed('moepp-1');
    const spec = time.figures[0]!;
    const data = figureData(time, spec, syntheticResult(time));
    if (data.kind === 'table') throw new Error('a table');
    expect(data.series.map(({ points }) => points.length)).toEqual([5, 5, 1]);
    expect(data.printed[0]!.points).toEqual([
      { x: 0.1, y: 202.4 },
      { x: 0.25, y: 277.8 },
      { x: 0.5, y: 387.3 },
      { x: 0.75, y: 427.6 },
      { x: 1, y: 449.6 },
    ]);
  });
});

it('asks for a test where there are too few seeds for one, not for a decision', () => {
  const two = result({ uniform: [2.5, 2.6], diverse: [2.4, 2.5] });
  expect(claimsText([two])).toContain('| undecided; 1 more seed is needed for a test |');
  const one = mergeUnits(recipe, two.units.slice(0, 2));
  expect(claimsText([one])).toContain('| undecided; 2 more seeds are needed for a test |');
  const three = result({ uniform, diverse: [2.5, 2.55, 2.39] });
  expect(claimsText([three])).toContain('| undecided; 7 more seeds would decide |');
});

describe('the text of the claims', () => {
  const text = claimsText([result({ uniform, diverse: [2.4, 2.51, 2.29] })]);
  const rows = text.split('\n').filter((line) => /^\| \S+ \d/.test(line));

  it('has a row for every claim: the papers’ in their order, then those of balancing', () => {
    expect(rows).toHaveLength(31);
    expect(rows[0]).toBe(
      '| MoDSE 1: Diverse sizes lower the loss | quick | 3 | 1 min, 1.4e+12 FLOPs | −0.1 nats [−0.125, −0.0752], 90 % [−0.117, −0.0831] against ±0.01 | agrees | [data](../public/recorded/modse-1.json), figure at `#room=papers&claims.claim=modse-1` |',
    );
    expect(rows[1]).toContain('not recorded');
    expect(rows[28]).toMatch(/^\| LaDiMo 6: /);
    expect(text.split('## Balancing\n')[1]).toContain(rows[29]);
    expect(rows.at(-1)).toMatch(/^\| Balancing 2: /);
  });

  it('has a row for every budget that is recorded, the smallest first', () => {
    const quick = result({ uniform, diverse: [2.4, 2.51, 2.29] });
    const said = claimsText([{ ...quick, budget: 'standard' }, quick]);
    const own = said.split('\n').filter((line) => line.startsWith('| MoDSE 1: '));
    expect(own.map((line) => line.split(' | ')[1])).toEqual(['quick', 'standard']);
    expect(own[1]).toContain('[data](../public/recorded/modse-1-standard.json)');
    expect(said).toMatch(/^- quick, training loss of the last tenth/m);
    expect(said).toMatch(/^- standard, training loss of the last tenth/m);
  });

  it('says by which side each kind of effect is judged', () => {
    const judged = (name: string) => {
      const said = claimsText([syntheticResult(recipeNamed(name))]);
      return said.split('\n').find((line) => line.startsWith('- Judged by: '));
    };
    expect(judged('tcmoe-4')).toMatch(/E−’s share over the layers > 0; .*E0’s .* < 0\.$/);
    expect(judged('moepp-5')).toMatch(/: best inside, both ends worse\.$/);
    expect(judged('equalres-2')).toMatch(/against 1\/9: above chance\.$/);
  });

  it('says how numbers look', () => {
    expect([0, -0.000012, 123456, 0.0512349].map(saySigned)).toEqual([
      '0',
      '−1.20e-5',
      '+1.23e+5',
      '+0.0512',
    ]);
  });
});
