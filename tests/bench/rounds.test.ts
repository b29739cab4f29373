import { expect, test } from 'vitest';
import {
  difference,
  measureInTurn,
  measurePairs,
  median,
  medianInterval,
} from '../../bench/parts/rounds.ts';
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

test('holds the median by the ranks of the values', () => {
  expect(medianInterval([1, 2, 3, 4, 5])).toBeNull();
  expect(medianInterval([6, 2, 3, 4, 5, 1])).toEqual([1, 6]);
  // P(at most 5 of 20 below the median) = 0.0207, at most 6: 0.0577.
  expect(medianInterval(Array.from({ length: 20 }, (_, i) => i + 1))).toEqual([6, 15]);
});

const counts = { dispatches: 1, submits: 1, objects: 0, buffersMade: 0, maps: 0, bytes: 0 };

/** A session of one work, and the turns it was asked for. */
function sessionOf(name: string, order: string[], ms: () => number): OpenSession {
  const refuse = () => Promise.reject(new Error('nothing but measuring is expected'));
  const measure = async (id: number, times: number) => {
    order.push(`${name}${id} ×${times}`);
    return { ms: ms(), counts };
  };
  const rest = { open: refuse, prepare: refuse, profile: refuse, release: refuse, close: refuse };
  return { measure, heapBytes: refuse, ...rest };
}

test('measures in turn, and as often as the budget allows', async () => {
  const order: string[] = [];
  const contender = (name: string, ms: number) => {
    const session = sessionOf(name, order, () => ms * (order.length > 2 ? 1 : 3));
    return { session, id: 7 };
  };
  const [slow, fast] = [contender('slow', 100), contender('fast', 1)];
  const times = await measureInTurn([slow, fast], { rounds: 3, mostRuns: 20, budgetMs: 300 });
  expect(order).toEqual(['slow7 ×1', 'fast7 ×1', 'slow7 ×1', 'fast7 ×20', 'slow7 ×3', 'fast7 ×20']);
  expect(times.get(slow)).toEqual({ ms: 100, spread: 2, counts });
});

test('measures pairs in alternating order, by the ratio within each', async () => {
  const order: string[] = [];
  // The machine grows slower from turn to turn, faster than the two differ.
  const at = (ms: number) => () => ms * 1.5 ** Math.floor((order.length - 2) / 2);
  const base = { session: sessionOf('base', order, at(100)), id: 1 };
  const other = { session: sessionOf('other', order, at(102)), id: 2 };
  const options = { rounds: 7, mostRuns: 20, budgetMs: 300 };
  const { ratio, interval } = (await measurePairs(base, [other], options)).get(other)!;
  expect(order.slice(0, 5)).toEqual(['base1 ×1', 'base1 ×4', 'other2 ×4', 'other2 ×4', 'base1 ×4']);
  expect(ratio).toBeCloseTo(1.02);
  expect(interval?.map((end) => end.toFixed(4))).toEqual(['1.0200', '1.0200']);
});
