import { describe, expect, it } from 'vitest';
import { uniform } from '../../../src/config/hash.ts';
import { judgeEffect } from '../../../src/recipes/judge.ts';
import type { Effect } from '../../../src/recipes/recipe.ts';
import { binomialAtLeast, binomialAtMost } from '../../../src/recipes/statistics/distributions.ts';
import { type Claimed, evidenceAt, wordsOf } from '../../../src/recipes/statistics/effect.ts';
import { line } from '../../../src/recipes/statistics/line.ts';
import { isOutside, predictionInterval } from '../../../src/recipes/statistics/secondSet.ts';
import { meanAndDeviation } from '../../../src/recipes/statistics/seeds.ts';
import { holm } from '../../../src/recipes/statistics/structures.ts';
import { casesOf } from '../../support/long.ts';
import { normal, values } from './draws.ts';

const DRAWS = casesOf(10_000, 500);
/** Whole effects also say how many seeds would decide, which takes longer. */
const EFFECTS = casesOf(10_000, 100);
/** Of the whole; a sample of draws may differ from the rate by chance alone. */
const isWhole = DRAWS === 10_000;

const EFFECT: Claimed = { side: '<', margin: null };

function test(drawn: readonly number[], margin: number | null = null) {
  const n = drawn.length;
  return evidenceAt({ n, ...meanAndDeviation(drawn) }, n, margin);
}

const isFound = (drawn: readonly number[]) => !wordsOf(test(drawn), EFFECT).includes('undecided');
const isEquivalent = (drawn: readonly number[], margin: number) =>
  wordsOf(test(drawn, margin), { side: '<', margin }).includes('equivalent');

function isInside(seed: number, draw: number, n: number, second: number): boolean {
  const first = { n, ...meanAndDeviation(values(seed, draw, n)) };
  const { d } = meanAndDeviation(values(seed, draw, second, 0, n));
  return !isOutside(predictionInterval(first, second), d);
}

const SETTINGS = [0.1, 0.15, 0.3, 0.55, 1];

function trendFound(draw: number): boolean {
  const row = (i: number) => SETTINGS.map((_, j) => normal(13, draw, 5 * i + j));
  return isFound(Array.from({ length: 5 }, (_, i) => line(SETTINGS, row(i)).slope));
}

function holmFindsAny(draw: number): boolean {
  const p = Array.from({ length: 5 }, (_, j) => test(values(14, draw, 5, 0, 5 * j)).p);
  return holm(p).some((adjusted) => adjusted < 0.05);
}

/** What is counted, how often it is expected in 10,000 draws, and how often an oracle found it. */
const ROWS: readonly [what: string, expected: number, found: number, (draw: number) => boolean][] =
  [
    ['n = 3, d = 0: p < 0.05', 500, 470, (draw) => isFound(values(1, draw, 3))],
    ['n = 5, d = 0: p < 0.05', 500, 490, (draw) => isFound(values(2, draw, 5))],
    ['n = 8, d = 0: p < 0.05', 500, 500, (draw) => isFound(values(3, draw, 8))],
    ['n = 20, d = 0: p < 0.05', 500, 500, (draw) => isFound(values(4, draw, 20))],
    ['n = 3, d = 3: p < 0.05', 7453, 7385, (draw) => isFound(values(5, draw, 3, 3))],
    ['n = 5, d = 1.5: p < 0.05', 7107, 7137, (draw) => isFound(values(6, draw, 5, 1.5))],
    ['n = 8, d = 1: p < 0.05', 6808, 6777, (draw) => isFound(values(7, draw, 8, 1))],
    ['n = 3, d = margin: equivalent', 500, 463, (draw) => isEquivalent(values(8, draw, 3, 5), 5)],
    ['n = 5, d = margin: equivalent', 500, 475, (draw) => isEquivalent(values(9, draw, 5, 5), 5)],
    ['n = 8, d = margin: equivalent', 500, 517, (draw) => isEquivalent(values(10, draw, 8, 5), 5)],
    ['n = 5, margin 2: equivalent', 9500, 9492, (draw) => isEquivalent(values(11, draw, 5), 2)],
    ['n = 8, margin 1: equivalent', 6350, 6320, (draw) => isEquivalent(values(12, draw, 8), 1)],
    ['trend of slope 0: p < 0.05', 500, 519, trendFound],
    ['five parts, d = 0: Holm finds any', 490, 502, holmFindsAny],
    ['prediction from 3 to 3: inside', 9500, 9491, (draw) => isInside(15, draw, 3, 3)],
    ['prediction from 5 to 3: inside', 9500, 9510, (draw) => isInside(16, draw, 5, 3)],
    ['prediction from 8 to 20: inside', 9500, 9498, (draw) => isInside(17, draw, 8, 20)],
  ];

describe(`statistics of ${DRAWS} draws of known truth`, () => {
  it('draws the numbers of the goldens’ README', () => {
    expect(uniform(1, 0, 0)).toBe(0.7247677739942446);
    expect(normal(1, 0, 0)).toBeCloseTo(0.011471216766252, 14);
    expect(normal(7, 9999, 7)).toBeCloseTo(0.629448356863586, 14);
  });

  it('judges whole effects of recipes as often wrong as their tests', () => {
    const claimed = { id: '', label: '', side: '<', unit: 'nats', margin: null } as const;
    const read = (field: string) => ({ read: 'drawn', field, of: 'a' });
    const effects: [Effect, number][] = [
      [{ ...claimed, test: 'value', value: read('value') }, 470],
      [{ ...claimed, test: 'trend', settings: { list: SETTINGS }, values: read('row') }, 519],
    ];
    const counts = effects.map(() => 0);
    for (let draw = 0; draw < EFFECTS; draw++) {
      const seeds = Array.from({ length: 5 }, (_, i) => {
        const data = SETTINGS.map((_, j) => normal(13, draw, 5 * i + j));
        const row = { shape: [data.length], data };
        const value = i < 3 ? normal(1, draw, i) : null;
        return { seed: i + 1, measured: { drawn: { a: { value, row } } } };
      });
      effects.forEach(([effect], i) => {
        const { words, leftOut } = judgeEffect(effect, seeds);
        if (!words.includes('undecided')) counts[i]!++;
        expect(leftOut).toHaveLength(i === 0 ? 2 : 0);
      });
    }
    if (isWhole) expect(counts).toEqual(effects.map(([, found]) => found));
    else for (const count of counts) expect(count).toBeLessThan(0.15 * EFFECTS);
  });

  it.each(ROWS)('%s', (_what, expected, found, isCounted) => {
    let count = 0;
    for (let draw = 0; draw < DRAWS; draw++) if (isCounted(draw)) count++;
    const rate = expected / 10_000;
    const tail = Math.min(binomialAtMost(count, DRAWS, rate), binomialAtLeast(count, DRAWS, rate));
    expect(tail).toBeGreaterThan(0.005);
    if (isWhole) expect(count).toBe(found);
  });
});
