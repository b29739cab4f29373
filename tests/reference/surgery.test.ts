import { expect, it } from 'vitest';
import { moveMatrix, remap, unitImportance } from '../../src/reference/surgery.ts';

it('moves elements and leaves the rest', () => {
  const target = Float32Array.of(9, 9, 9, 9);
  remap([10, 20, 30], [0, 2, 3, 0], target);
  expect([...target]).toEqual([30, 9, 9, 10]);
});

it('moves rows and columns of a matrix', () => {
  const target = new Float32Array(6).fill(9);
  moveMatrix([1, 2, 3, 4], target, [1, -1, 0], [1, 0], 2);
  expect([...target]).toEqual([4, 3, 9, 9, 2, 1]);
});

it('weighs a unit by what goes in and what comes out', () => {
  // Two units, two channels: ‖(3, 4)‖·(‖(0, 1)‖ + ‖(2, 0)‖), and a unit without output.
  const importance = unitImportance([0, 1, 5, 5], [2, 0, 5, 5], [3, 0, 4, 0], { D: 2, F: 2 });
  expect([...importance]).toEqual([15, 0]);
});
