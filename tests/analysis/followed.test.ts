import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FIGURES } from '../../src/analysis/figures.ts';
import { choicesOf, figuresAt, LAYER_FIELDS, OVER_FIELDS } from '../../src/analysis/figuresAt.ts';
import type { LayerField } from '../../src/analysis/followed.ts';
import { figureLine, figuresEvery } from '../../src/analysis/overTime.ts';
import { madeFigures } from '../support/reports.ts';
import { inspectionOf, inspections } from './figures/support.ts';

it('has the values of the figures themselves, by their names', () => {
  fc.assert(
    fc.property(inspections, (inspection) => {
      const row = figuresAt(7, inspection, null);
      const inputs = { inspection };
      const load = FIGURES.load.compute(inputs, { weights: 'uniform' });
      const scores = FIGURES.scores.compute(inputs, {});
      const kinds = FIGURES.kinds.compute(inputs, {});
      const work = FIGURES.workload.compute(inputs, {});
      const drops = FIGURES.drops.compute(inputs, {});
      expect(row.step).toBe(7);
      expect(row.layers).toHaveLength(inspection.layers.length);
      row.layers.forEach(({ layer, R, W, values }, place) => {
        const expected: Record<string, object> = {
          load: load.layers[place]!.values,
          scores: scores.layers[place]!.values,
          kinds: kinds.layers[place]!.values,
          workload: work.layers[place]!.values,
          drops: drops.layers[place]!.values,
        };
        expect([layer, R, W]).toEqual([
          inspection.layers[place]!.layer,
          inspection.layers[place]!.kinds.length,
          inspection.layers[place]!.W,
        ]);
        expect(Object.keys(values)).toEqual([...LAYER_FIELDS.keys()]);
        for (const [name, value] of Object.entries(values)) {
          const [figure, field] = name.split('.') as [string, string];
          if (figure === 'saturation') expect(value).toBeNaN();
          else expect(value).toEqual(expected[figure]![field as never]);
        }
      });
      expect(Object.keys(row.values)).toEqual([...OVER_FIELDS.keys()]);
      expect(row.values['load.maxVioQuantiles']).toEqual(load.values.maxVioQuantiles);
      expect(row.values['workload.widthMean']).toEqual(work.values.widthMean);
      expect(row.values['kinds.ratio']).toEqual(kinds.values.ratio);
    }),
    { numRuns: 50 },
  );
});

const of = (slots: number[][], kinds?: readonly ('ffn' | 'copy')[]) =>
  inspectionOf({
    tokens: slots.map((_, u) => u),
    layers: [{ slots, kinds: kinds ?? ['ffn', 'ffn', 'ffn'] }],
  });
const churnOf = (...pair: Parameters<typeof figuresAt>) => {
  const { values } = figuresAt(...pair).layers[0]!;
  return [values['saturation.saturation'], values['saturation.churn'], values['saturation.rank0']];
};

it('compares the row before, as here, with this one as the reference', () => {
  const before = of([[0, 1], [1], [2, 0]]);
  const now = of([[1, 2], [1, 0], [2]]);
  // Of what each token chooses now: one of two, one of two, all of one.
  expect(churnOf(2, now, choicesOf(before))).toEqual([2 / 3, 1 - 2 / 3, 2 / 3]);
  expect(churnOf(2, now, before)).toEqual(churnOf(2, now, choicesOf(before)));
  expect(churnOf(2, before, now)[0]).toBeCloseTo((1 / 2 + 1 + 1 / 2) / 3, 12);
});

it('compares nothing where slots or tokens are others', () => {
  const before = of([[0], [1]]);
  const undefined3 = [Number.NaN, Number.NaN, Number.NaN];
  expect(churnOf(2, of([[0], [1]], ['ffn', 'copy', 'ffn']), before)).toEqual(undefined3);
  expect(churnOf(2, of([[0], [1]], ['ffn', 'ffn']), before)).toEqual(undefined3);
  expect(churnOf(2, of([[0], [1], [2]]), before)).toEqual(undefined3);
  const { values } = figuresAt(2, of([[0]]), before);
  expect(values['saturation.churn']).toBeNaN();
});

it('comes at every validation that is 25 steps from the one before, else at each n-th', () => {
  expect([0, 1, 7, 10, 24, 25, 50, 300].map(figuresEvery)).toEqual([
    0, 25, 28, 30, 48, 25, 50, 300,
  ]);
});

it('gives lines of a layer, of all of them, and of an element', () => {
  const rows = madeFigures(10, 20, 40);
  const at = (place: number, name: LayerField) =>
    rows.map(({ layers }) => layers[place]!.values[name]);
  const line = figureLine(rows, 'load.cv', 1);
  expect(line).toMatchObject({ firstStep: 10, steps: [10, 20, 40] });
  expect(line.owner).toBe(figureLine(rows.slice(0, 1), 'load.entropy', 0).owner);
  expect(line.values).toEqual(at(1, 'load.cv'));
  const [first, second] = [at(0, 'load.cv'), at(1, 'load.cv')] as number[][];
  expect(figureLine(rows, 'load.cv', 'all').values).toEqual(
    first!.map((value, i) => (value + second![i]!) / 2),
  );
  // A figure's own value over layers, where it has one: not the mean.
  const widths = figureLine(rows, 'workload.widthMean', 'all').values;
  expect(widths).toEqual(rows.map(({ values }) => values['workload.widthMean']));
  const quantiles = figureLine(rows, 'load.maxVioQuantiles', 'all', 5).values;
  expect(quantiles).toEqual(rows.map(({ values }) => values['load.maxVioQuantiles'].data[5]));
  const slot = figureLine(rows, 'load.total', 0, 3).values;
  expect(slot).toEqual(rows.map(({ layers }) => layers[0]!.values['load.total'].data[3]));
  expect(figureLine(rows, 'load.cv', 5).values).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  // The first row has none before it; of a mean, what is undefined is left out.
  const churn = figureLine(rows, 'saturation.churn', 'all').values;
  expect([churn[0], churn[1]]).toEqual([Number.NaN, rows[1]!.values['saturation.churn']]);
  expect(churn[1]).not.toBeNaN();
  const maxMin = at(0, 'load.maxMin').map((value, i) => [value, at(1, 'load.maxMin')[i]!]);
  expect(figureLine(rows, 'load.maxMin', 'all').values).toEqual(
    maxMin.map((pair) => {
      const defined = pair.filter((value) => !Number.isNaN(value as number)) as number[];
      return defined.reduce((sum, value) => sum + value, 0) / defined.length;
    }),
  );
  expect(figureLine([], 'load.cv', 0)).toMatchObject({ firstStep: 0, steps: [], values: [] });
});
