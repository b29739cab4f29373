import { expect, it } from 'vitest';
import { NOWHERE, remap, unitImportance } from '../../src/reference/surgery.ts';

it('moves elements, fills those that come from nowhere, and leaves the rest', () => {
  const target = Float32Array.of(9, 9, 9, 9);
  remap([10, 20, 30], [0, 2, 3, 0, 1, NOWHERE], [7, 7, 5], target);
  expect([...target]).toEqual([30, 5, 9, 10]);
});

it('weighs a unit by what goes in and what comes out', () => {
  // Two units, two channels: ‖(3, 4)‖·(‖(0, 1)‖ + ‖(2, 0)‖), and a unit without output.
  const importance = unitImportance([0, 1, 5, 5], [2, 0, 5, 5], [3, 0, 4, 0], { D: 2, F: 2 });
  expect([...importance]).toEqual([15, 0]);
});
