import { expect, it } from 'vitest';
import { labelIsLeft } from '../../src/ui/kit/figure/QuantileLines.tsx';

const AXIS = { min: 0, max: 1, from: 48, to: 648 };
const sides = (...at: number[]) => {
  const lines = at.map((value, i) => ({ at: value, label: `q${i} 0.17` }));
  return lines.map((_, i) => (labelIsLeft(lines, AXIS, i) ? 'left' : 'right'));
};

it('puts labels of lines apart towards the middle', () => {
  expect(sides(0.1, 0.9)).toEqual(['right', 'left']);
  expect(sides(0.1, 0.4)).toEqual(['right', 'right']);
});

it('puts labels of lines that stand close away from each other', () => {
  expect(sides(0.17, 0.21)).toEqual(['left', 'right']);
  expect(sides(0.84, 0.8)).toEqual(['right', 'left']);
  expect(sides(0.5, 0.5)).toEqual(['left', 'right']);
});
