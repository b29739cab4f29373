import fc from 'fast-check';
import { expect, it } from 'vitest';
import { load } from '../../../src/analysis/figures/load.ts';
import { sequences } from '../../../src/analysis/figures/sequences.ts';
import { inspectionOf, inspections } from './support.ts';

const of = (slots: readonly (readonly number[])[], shape: { n: number; B: number; S: number }) =>
  sequences.compute({ inspection: inspectionOf({ ...shape, layers: [{ slots }] }) }, {});

it('counts every sequence by itself, beside its batch', () => {
  const one = [[0], [0], [1], [1], [0], [1], [0], [0]];
  const { layers, values } = of(one, { n: 2, B: 2, S: 2 });
  const [layer] = layers;
  expect([...layer!.values.counts.data]).toEqual([2, 0, 0, 2, 1, 1, 2, 0]);
  expect([...layer!.values.maxVio.data]).toEqual([1, 1, 0, 1]);
  expect(layer!.values.mean).toBe(0.75);
  expect([...layer!.values.quantiles.data]).toEqual([0, 0.75, 1, 1, 1, 1]);
  // The batches hold 2 and 2, 3 and 1; together 5 and 3.
  expect(layer!.values.batch).toBe(0.25);
  expect(layer!.values.all).toBe(0.25);
  expect(values.mean).toBe(0.75);
  expect([...values.quantiles.data]).toEqual([...layer!.values.quantiles.data]);
});

it('leaves out a sequence in which nobody chose a slot', () => {
  const { layers } = of([[], [], [0], [1]], { n: 1, B: 2, S: 2 });
  expect([...layers[0]!.values.maxVio.data]).toEqual([Number.NaN, 0]);
  expect(layers[0]!.values.mean).toBe(0);
});

it('agrees with the load of slots', () => {
  fc.assert(
    fc.property(inspections, (inspection) => {
      const loads = load.compute({ inspection }, { weights: 'uniform' }).layers;
      for (const [place, { values }] of sequences.compute({ inspection }, {}).layers.entries()) {
        const { total, maxVio, maxVioBatch } = loads[place]!.values;
        const R = total.data.length;
        const sums = total.data.map((_, i) =>
          values.counts.data.filter((_, at) => at % R === i).reduce((a, b) => a + b, 0),
        );
        expect([...sums]).toEqual([...total.data]);
        expect(values.all).toBeCloseTo(maxVio, 12);
        expect(values.batch).toBeCloseTo(maxVioBatch, 12);
      }
    }),
  );
});
