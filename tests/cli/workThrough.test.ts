import { expect, it } from 'vitest';
import { partOf, type Work } from '../../src/cli/workThrough.ts';
import { MEASURING_SHARE } from '../../src/train/recipes/pace.ts';
import type { UnitProgress } from '../../src/train/recipes/unit.ts';

function parts(work: Pick<Work, 'onward' | 'runKeys'>, ...heard: Partial<UnitProgress>[]) {
  const seen = new Map<string, number>();
  return heard.map((part) => {
    const progress = { variant: null, step: 0, steps: 0, measuring: null, ...part };
    return partOf(progress, seen, work as Work);
  });
}

const training = 1 - MEASURING_SHARE;

it('weighs runs by their steps, and what models are trained on where they are measured', () => {
  const work = { onward: 100, runKeys: ['a', 'b'] };
  const found = parts(
    work,
    { variant: 'a', step: 50, steps: 100 },
    { variant: 'b', step: 50, steps: 200 },
    { measuring: 'Loss' },
    { step: 60, steps: 100, measuring: 'Shock' },
    { step: 100, steps: 100, measuring: 'Shock' },
  );
  // The second run is taken for as long as the first until it is known.
  const expected = [50 / 300, 150 / 400, 300 / 400, 360 / 400, 1].map((part) => training * part);
  const measuring = [0, 0, 1, 1, 1].map((is) => (is * MEASURING_SHARE) / 2);
  expected.forEach((part, i) => {
    expect(found[i]).toBeCloseTo(part + measuring[i]!, 12);
  });
});

it('counts runs that were there as done where something is measured', () => {
  expect(parts({ onward: 0, runKeys: ['a'] }, { measuring: 'Loss' })).toEqual([
    training + MEASURING_SHARE / 2,
  ]);
});
