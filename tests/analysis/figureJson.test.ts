import { expect, it } from 'vitest';
import { figureJson, valueJson } from '../../src/analysis/figureJson.ts';
import type { Figure, FigureRows } from '../../src/analysis/figures/figure.ts';
import { FIGURES } from '../../src/analysis/figures.ts';
import { standardRequests } from '../../src/analysis/standard.ts';
import { inspectionOf } from './figures/support.ts';

type AnyFigure = Figure<object, unknown, unknown, FigureRows<unknown>, FigureRows<unknown>>;

it('nests arrays by their axes, with null for what is undefined', () => {
  const data = Float64Array.of(1, NaN, 3, 4, 5, 6);
  expect(valueJson({ shape: [2, 3], data })).toEqual([
    [1, null, 3],
    [4, 5, 6],
  ]);
  expect(valueJson({ shape: [3, 1, 2], data })).toEqual([[[1, null]], [[3, 4]], [[5, 6]]]);
  expect(valueJson({ shape: [2, 0], data: new Int32Array() })).toEqual([[], []]);
  expect(valueJson({ shape: [0, 2], data: new Int32Array() })).toEqual([]);
  expect([valueJson(NaN), valueJson(Number.POSITIVE_INFINITY), valueJson(0)]).toEqual([
    null,
    null,
    0,
  ]);
});

it('has layers by index only where there are some', () => {
  expect(figureJson({ values: { a: 1 }, layers: [] })).toEqual({ a: 1 });
  const layers = [{ layer: 3, values: { b: NaN } }];
  expect(figureJson({ values: {}, layers })).toEqual({ layers: { 3: { b: null } } });
});

it('asks for every figure but what-if questions where nobody says which', () => {
  const asked = new Set(standardRequests(1).map(({ request }) => request.figure));
  const questions = ['interventions', 'pruning', 'removal', 'policy', 'positions', 'sequences'];
  const all = Object.keys(FIGURES).filter((id) => !questions.includes(id));
  expect([...asked].sort()).toEqual(all.sort());
});

it('names the axes of every array, and an ideal that is a number', () => {
  const kinds = ['ffn', 'ffn', 'zero'] as const;
  const slots = [
    [0, 1],
    [1, 2],
    [2, 0],
    [0, 1],
  ];
  const given = { n: 2, B: 1, S: 2, tokens: [0, 1, 1, 2], ce: [1, 2, 3, 4] };
  const inspection = inspectionOf({
    ...given,
    layers: [
      { kinds, slots },
      { kinds, slots },
    ],
  });
  const inputs = { inspection, baseline: inspection, reference: inspection, tau: 0.5, texts: [] };
  for (const { as, request } of standardRequests(1)) {
    const figure = FIGURES[request.figure] as unknown as AnyFigure;
    const losses = figure.passes?.(inputs, request).map(() => inspection.ce) ?? [];
    const all = { ...inputs, losses };
    const contexts = [0, 1].map((place) => figure.ofLayer(all, request, place));
    const over = figure.over(
      all,
      request,
      contexts.filter((context) => context !== null),
    );
    const rows = Object.entries(figure.layerRows).map(([name, row]) => ({
      name,
      row,
      of: contexts[0],
    }));
    const overRows = Object.entries(figure.rows).map(([name, row]) => ({ name, row, of: over }));
    for (const { name, row, of } of [...rows, ...overRows]) {
      const value = row.compute(of);
      const axes = typeof value === 'number' ? undefined : value.shape.length;
      expect(row.axes?.length, `${as}.${name}`).toBe(axes);
      if (row.ideal) expect(row.ideal(of, 0), `${as}.${name}`).toBeTypeOf('number');
    }
  }
});

it('has words for every field of every figure, and axes for every array', () => {
  for (const [id, { rows, layerRows, id: own }] of Object.entries(FIGURES)) {
    expect(own).toBe(id);
    for (const [name, row] of Object.entries({ ...layerRows, ...rows })) {
      const { label, formula, meaning, source } = row as Record<string, string>;
      for (const text of [label, formula, meaning, source])
        expect(text?.trim(), `${id}.${name}`).toMatch(/\S/);
      expect(meaning, `${id}.${name}`).toMatch(/\.$/);
    }
  }
});
