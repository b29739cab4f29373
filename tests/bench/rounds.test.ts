import { expect, test } from 'vitest';
import { difference, measureInTurn, median } from '../../bench/parts/rounds.ts';
import type { OpenSession } from '../../bench/runner.ts';

test('takes the median, between the middle two of an even number', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

test('tells differences relative to the larger of two numbers', () => {
  expect(difference(4, 5)).toBeCloseTo(0.2);
  expect(difference(0, 0)).toBe(0);
  expect(difference(1, Number.NaN)).toBeNaN();
});

test('measures in turn, and as often as the budget allows', async () => {
  const order: string[] = [];
  const counts = { dispatches: 1, submits: 1, objects: 0, buffersMade: 0, maps: 0, bytes: 0 };
  const refuse = () => Promise.reject(new Error('nothing but measuring is expected'));
  const contender = (name: string, ms: number) => {
    const measure = async (id: number, times: number) => {
      order.push(`${name}${id} ×${times}`);
      return { ms: ms * (order.length > 2 ? 1 : 3), counts };
    };
    const rest = { open: refuse, prepare: refuse, profile: refuse, release: refuse, close: refuse };
    const session: OpenSession = { measure, heapBytes: refuse, ...rest };
    return { session, id: 7 };
  };
  const [slow, fast] = [contender('slow', 100), contender('fast', 1)];
  const times = await measureInTurn([slow, fast], { rounds: 3, mostRuns: 20, budgetMs: 300 });
  expect(order).toEqual(['slow7 ×1', 'fast7 ×1', 'slow7 ×1', 'fast7 ×20', 'slow7 ×3', 'fast7 ×20']);
  expect(times.get(slow)).toEqual({ ms: 100, spread: 2, counts });
});
