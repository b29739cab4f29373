import { expect, it } from 'vitest';
import { type HeatCells, heatGrid, heatPaths } from '../../src/ui/kit/figure/heat.ts';
import { shownTexts } from '../../src/ui/kit/figure/heatTexts.ts';
import { scaleOf } from '../../src/ui/kit/figure/scales.ts';

const cellsOf = (values: readonly number[]): HeatCells => ({
  rows: ['a'],
  columns: values.map(String),
  value: (_, column) => values[column] ?? null,
  format: 'count',
});

function pathsAt(values: readonly number[], width: number) {
  const cells = cellsOf(values);
  const grid = heatGrid(cells, width);
  return { cells, grid, paths: heatPaths(cells, grid, scaleOf('sequential', values, 'light')) };
}

function textsAt(values: readonly number[], width: number): string[] {
  const { cells, grid, paths } = pathsAt(values, width);
  return shownTexts(paths, cells, grid).map(({ text }) => text);
}

it('writes no zero alone where larger numbers have no room', () => {
  expect(textsAt([0, 7, 1021, 0], 400)).toEqual(['0', '7', '1021', '0']);
  expect(textsAt([0, 7, 8, 9, 1, 1021, 0], 130)).toEqual(['7', '8', '9', '1']);
  expect(textsAt([0, 7, 21, 0], 100)).toEqual(['0', '7', '21', '0']);
});

it('writes none where few of them have room', () => {
  expect(textsAt([0, 7, 1021, 0], 100)).toEqual([]);
  expect(textsAt([0, 7, 8, 9, 1021, 1022, 0], 130)).toEqual([]);
});

it('writes all numbers of a map small where one has no room else', () => {
  expect(pathsAt([0, 7, 21, 0], 100).paths.numbers).toBe('ordinary');
  expect(pathsAt([0, 7, 321, 0], 100).paths.numbers).toBe('small');
  expect(textsAt([0, 7, 321, 0], 100)).toEqual(['0', '7', '321', '0']);
});

it('draws nothing where there is no place', () => {
  const cells: HeatCells = {
    ...cellsOf([1, 2]),
    mark: (_, column) => (column === 1 ? 'absent' : null),
  };
  const grid = heatGrid(cells, 300);
  const { texts, dead, none, faces } = heatPaths(cells, grid, scaleOf('sequential', [1], 'light'));
  expect(texts.map(({ text }) => text)).toEqual(['1']);
  expect([...dead, ...none].join('')).toBe('');
  expect(faces).toHaveLength(1);
});
