import { expect, it } from 'vitest';
import { load } from '../../../src/analysis/figures/load.ts';
import { inspectionOf } from './support.ts';

const uniform = { weights: 'uniform' } as const;

/** Values of the first layer. */
function valuesOf(inspection: ReturnType<typeof inspectionOf>, tau?: number) {
  const args = tau === undefined ? uniform : ({ weights: 'tau' } as const);
  const inputs = { inspection, ...(tau !== undefined && { tau }) };
  return load.compute(inputs, args).layers[0]!.values;
}

it('counts by rank, with gates and dropped assignments', () => {
  const slots = [
    [0, 1],
    [0, 2],
    [1, 0],
    [0, 1],
  ];
  const gates = [
    [0.5, 0.25],
    [0.75, 0.25],
    [1, 0.5],
    [0.25, 0],
  ];
  const dropped = [[1, 0], [], [], []];
  const values = valuesOf(inspectionOf({ layers: [{ slots, gates, dropped }] }));
  expect(values.counts).toEqual({ shape: [2, 3], data: Int32Array.of(3, 1, 0, 1, 2, 1) });
  expect([...values.total.data]).toEqual([4, 3, 1]);
  expect(values.assignments).toBe(8);
  expect([...values.share.data]).toEqual([0.5, 0.375, 0.125]);
  expect([...values.ratio.data]).toEqual([1.5, 1.125, 0.375]);
  expect([...values.gateMass.data]).toEqual([2, 1.25, 0.25]);
  expect([...values.gateMean.data]).toEqual([0.5, 1.25 / 3, 0.25]);
  expect(values.maxMin).toBe(4);
  expect(values.maxVio).toBe(0.5);
  expect(values.minVio).toBe(-0.625);
  expect(values.dead).toBe(0);
});

it('has no max/min and no mean gate where a slot is dead', () => {
  const kinds = ['ffn', 'ffn', 'zero'] as const;
  const values = valuesOf(inspectionOf({ layers: [{ kinds, slots: [[0], [0], [2], [0]] }] }));
  expect(values.maxMin).toBeNaN();
  expect([...values.gateMean.data]).toEqual([1, Number.NaN, 1]);
  expect([...values.gateMass.data]).toEqual([3, 0, 1]);
  expect(values.minVio).toBe(-1);
  expect(values.dead).toBe(1);
  const H = -(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25));
  expect(values.entropy).toBeCloseTo(H, 14);
  expect(values.effective).toBeCloseTo(Math.exp(H) / 3, 14);
});

it('weighs computing slots by τ, and names one that is not above 0', () => {
  const kinds = ['ffn', 'negated', 'copy'] as const;
  const inspection = inspectionOf({ layers: [{ kinds, slots: [[0], [1], [2], [2]] }] });
  // Ideal weights ½, ½, 1: of four assignments 1, 1, 2.
  expect([...valuesOf(inspection, 0.5).ratio.data]).toEqual([1, 1, 1]);
  expect(valuesOf(inspection, 0.5).cv).toBe(0);
  expect(load.layerRows.maxMin.ideal({ weights: [0.5, 0.5, 1] } as never)).toBe(2);
  for (const tau of [0, -1, Number.NaN])
    expect(() => valuesOf(inspection, tau)).toThrow(`τ = ${tau}; it must be above 0`);
  expect(() => load.compute({ inspection }, { weights: 'tau' })).toThrow('τ = undefined');
});

it('takes the mean of the batches that hold assignments', () => {
  // Batches: all to one of two slots, both alike, none at all.
  const slots = [[0], [0], [0], [1], [], []];
  const layers = [{ slots, W: 1 }];
  const values = valuesOf(inspectionOf({ n: 3, B: 1, S: 2, layers }));
  expect(values.maxVioBatch).toBe(0.5);
  expect(values.maxVio).toBe(0.5);
});

it('is undefined where nothing is assigned', () => {
  const layers = [{ kinds: ['ffn', 'ffn'] as const, slots: [[], []], W: 0 }];
  const values = valuesOf(inspectionOf({ layers }));
  expect(values.assignments).toBe(0);
  expect(values.counts).toEqual({ shape: [0, 2], data: new Int32Array() });
  expect(values.dead).toBe(2);
  for (const name of [
    'maxMin',
    'maxVio',
    'minVio',
    'maxVioBatch',
    'cv',
    'entropy',
    'effective',
  ] as const)
    expect(values[name], name).toBeNaN();
  for (const name of ['share', 'ratio', 'gateMean'] as const)
    expect([...values[name].data], name).toEqual([Number.NaN, Number.NaN]);
});

it('takes quantiles over the layers where maxVio is defined', () => {
  const kinds = ['ffn', 'ffn'] as const;
  const layers = [
    { kinds, slots: [[0], [0]] },
    { kinds, slots: [[0], [1]] },
    { kinds, slots: [[], []], W: 0 },
  ];
  const { values } = load.compute({ inspection: inspectionOf({ layers }) }, uniform);
  expect([...values.maxVioQuantiles.data]).toEqual([0, 0.25, 0.5, 0.75, 0.9, 1]);
});

it('has nothing for a model without MoE layers', () => {
  expect(load.compute({ inspection: inspectionOf({ ce: [1, 2] }) }, uniform)).toEqual({
    values: {},
    layers: [],
  });
});
