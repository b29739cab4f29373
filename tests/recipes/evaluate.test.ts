import { describe, expect, it } from 'vitest';
import { evaluate, listOf, MissingRun, readsOf } from '../../src/recipes/evaluate.ts';
import type { MeasuredArray, Term } from '../../src/recipes/term.ts';

const list = (...data: (number | null)[]): MeasuredArray => ({ shape: [data.length], data });

const readings = {
  measured: {
    m: {
      a: {
        number: 2,
        none: null,
        row: list(1, 2, null, 4),
        empty: list(),
        cube: { shape: [2, 2, 3], data: Array.from({ length: 12 }, (_, i) => i) },
      },
    },
  },
  diverged: new Set(['b']),
};
const read = (field: string, ...at: number[]): Term => ({ read: 'm', field, of: 'a', at });
const value = (term: Term) => evaluate(term, readings);

describe('reading', () => {
  it('takes places along the slowest axes, negative ones from the end', () => {
    expect(value(read('cube', 1))).toEqual({ shape: [2, 3], data: [6, 7, 8, 9, 10, 11] });
    expect(value(read('cube', -1, 0))).toEqual(list(6, 7, 8));
    expect(value(read('cube', 0, 1, 2))).toBe(5);
  });

  it('names a field and a place that are not there', () => {
    expect(() => value(read('other'))).toThrow('m of a has no field "other"');
    expect(() => value(read('cube', 2))).toThrow('m cube of a: place 2 of 2');
    expect(() => value(read('constructor'))).toThrow('has no field "constructor"');
  });

  it('takes a series without a point for a measurement that is not there', () => {
    expect(() => value(read('empty', -1))).toThrow(
      new MissingRun('nothing was measured of m empty of a'),
    );
  });

  it('tells a missing run from one that diverged', () => {
    expect(() => evaluate({ read: 'm', field: 'number', of: 'c' }, readings)).toThrow(MissingRun);
    expect(() => evaluate({ read: 'm', field: 'number', of: 'b' }, readings)).toThrow(
      'the run of b diverged',
    );
  });
});

describe('operations', () => {
  it.each<[string, Term, number | null]>([
    ['difference', { op: '-', left: 5, right: read('number') }, 3],
    ['division by 0', { op: '/', left: 1, right: 0 }, null],
    ['what is undefined', { op: '+', left: 1, right: read('none') }, null],
    ['mean without what is undefined', { summary: 'mean', of: read('row') }, 7 / 3],
    ['count of what is defined', { summary: 'count', of: read('row') }, 3],
    ['spread of all elements of an array', { summary: 'spread', of: read('cube') }, 11],
    ['slope over places', { summary: 'slope', of: { list: [1, 3, 5] } }, 2],
    [
      'slope over settings',
      { summary: 'slope', of: { list: [1, 2] }, over: { list: [0, 4] } },
      0.25,
    ],
    ['slope with a gap', { summary: 'slope', of: read('row') }, null],
    [
      'slope over one setting',
      { summary: 'slope', of: { list: [1, 2] }, over: { list: [4, 4] } },
      null,
    ],
    ['intercept', { summary: 'intercept', of: { list: [5, 7] }, over: { list: [1, 2] } }, 3],
    ['mean of nothing', { summary: 'mean', of: { list: [read('none')] } }, null],
    ['last', { summary: 'last', of: read('row') }, 4],
    ['weighted mean', { weighted: { list: [1, 5] }, by: { list: [3, 1] } }, 2],
    ['weighted mean without weight', { weighted: { list: [1, 5] }, by: { list: [0, 0] } }, null],
    ['smallest, ties to the first', { argmin: { list: [3, 1, 1] } }, 1],
    ['smallest with a gap', { argmin: read('row') }, null],
    ['all the same', { same: { list: [2, 2, 2] } }, 1],
    ['not all the same', { same: { list: [2, 2, 1] } }, 0],
    [
      'share above, what is undefined counted',
      { summary: 'mean', of: { above: 2, of: read('row') } },
      0.5,
    ],
    ['above is strict', { above: 2, of: 2 }, 0],
  ])('%s', (_name, term, want) => {
    expect(value(term)).toBe(want);
  });

  it('goes element by element', () => {
    expect(value({ op: '*', left: read('row'), right: 2 })).toEqual(list(2, 4, null, 8));
    expect(value({ op: '-', left: 10, right: { list: [1, 2] } })).toEqual(list(9, 8));
    expect(() => value({ op: '+', left: read('row'), right: { list: [1] } })).toThrow(
      '[1] does not go with [4]',
    );
  });

  it('takes rows, columns and parts', () => {
    const matrix = read('cube', 1);
    expect(value({ rows: 'sum', of: matrix })).toEqual(list(21, 30));
    expect(value({ column: 2, of: matrix })).toEqual(list(8, 11));
    expect(value({ part: read('row'), from: -2 })).toEqual(list(null, 4));
    expect(() => value({ rows: 'sum', of: read('row') })).toThrow('of a matrix alone');
  });

  it('interpolates between neighbours in order of x, and not outside', () => {
    const curve = { x: { list: [2, 1, 4] }, y: { list: [20, 10, 60] } };
    const at = { list: [1, 1.5, 3, 4, 0.5, 4.5] };
    expect(value({ interpolate: curve, x: at })).toEqual(list(10, 15, 40, 60, null, null));
  });

  it('finds where a curve first is at or below a value', () => {
    const x = { list: [10, 20, 30, 40] };
    const y = { list: [4, 3, 1, 2] };
    expect(value({ reach: 2, x, y })).toBe(25);
    expect(value({ reach: 3, x, y })).toBe(20);
    expect(value({ reach: 5, x, y })).toBe(10);
    expect(value({ reach: 0.5, x, y })).toBeNull();
  });

  it('refuses an array where a number is needed', () => {
    expect(() => value({ list: [read('row')] })).toThrow('an array [4] stands where a number');
  });
});

it('lists what a term reads', () => {
  const term: Term = {
    op: '-',
    left: { weighted: { list: [read('row', 0), 1] }, by: read('cube') },
    right: { interpolate: { x: 1, y: read('none') }, x: read('number') },
  };
  expect(
    readsOf(term)
      .map(({ field }) => field)
      .sort(),
  ).toEqual(['cube', 'none', 'number', 'row']);
  expect(listOf(3)).toEqual([3]);
});
