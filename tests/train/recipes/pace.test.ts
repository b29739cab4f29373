import { expect, it } from 'vitest';
import { Pace } from '../../../src/train/recipes/pace.ts';

it('takes the pace from what was worked on here, not from what was there in part', () => {
  const pace = new Pace(300);
  pace.finish(100, null);
  expect(pace.secondsLeft()).toBe(200);
  // Half of it was there: ten seconds for fifty tell nothing.
  expect(pace.secondsLeft({ estimated: 50, seconds: null })).toBe(150);
  expect(pace.secondsLeft({ estimated: 50, seconds: 100 })).toBe(300);
  pace.finish(100, 50);
  expect(pace.secondsLeft()).toBe(50);
});
