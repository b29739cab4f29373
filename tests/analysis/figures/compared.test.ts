/** Saturation, difficult tokens, contribution and what-if: figures of two passes. */
import { describe, expect, it } from 'vitest';
import { contribution } from '../../../src/analysis/figures/contribution.ts';
import { difficult } from '../../../src/analysis/figures/difficult.ts';
import type { FigureTensor } from '../../../src/analysis/figures/figure.ts';
import { interventions } from '../../../src/analysis/figures/interventions.ts';
import { saturation } from '../../../src/analysis/figures/saturation.ts';
import { figureValues, passesOf } from '../../../src/analysis/figures.ts';
import type { Inspection, Intervention } from '../../../src/analysis/inspection.ts';
import { hashChain } from '../../../src/config/hash.ts';
import { inspectionOf } from './support.ts';

/** The same where slots take tokens. */
const withoutRanks = (inspection: Inspection): Inspection => ({
  ...inspection,
  layers: inspection.layers.map((layer) => ({ ...layer, selection: 'expertChoice' })),
});

describe('saturation', () => {
  const kinds = ['ffn', 'ffn', 'ffn'] as const;
  const of = (slots: number[][], more: number[][] = slots) =>
    inspectionOf({
      tokens: slots.map((_, u) => u),
      layers: [
        { kinds, slots },
        { kinds, slots: more },
      ],
    });

  it('weighs by the reference’s slots, dropped or not, and leaves out tokens without any', () => {
    const inspection = of([[0, 1], [1], [2], [0]]);
    const reference = of([[1, 0], [1, 2], [], [1]], [[0], [1], [2], [0]]);
    const { values, layers } = saturation.compute({ inspection, reference }, {});
    expect(layers[0]!.values).toEqual({ saturation: 0.5, rank0: 1 / 3, churn: 0.5 });
    expect(layers[1]!.values).toEqual({ saturation: 1, rank0: 1, churn: 0 });
    expect(values).toEqual({ saturation: 0.75, rank0: 2 / 3, churn: 0.25 });
  });

  it('is undefined where the reference chooses nothing', () => {
    const reference = of([[]], [[0]]);
    const { layers } = saturation.compute({ inspection: of([[0]]), reference }, {});
    expect(layers[0]!.values).toEqual({ saturation: NaN, rank0: NaN, churn: NaN });
  });

  it('has no first slot where slots take tokens', () => {
    const inspection = withoutRanks(of([[0, 1], [1]]));
    const { values } = saturation.compute({ inspection, reference: inspection }, {});
    expect(values).toEqual({ saturation: 1, rank0: NaN, churn: 0 });
  });

  it('needs a reference with the same tokens and slots', () => {
    const inspection = of([[0]]);
    expect(() => saturation.compute({ inspection }, {})).toThrow('a reference is needed');
    const other = inspectionOf({ tokens: [0], layers: [{ slots: [[0]] }] });
    expect(() => saturation.compute({ inspection, reference: other }, {})).toThrow(
      'slots are 3 in layer 0, 3 in layer 1; those of the reference 1 in layer 0',
    );
    const elsewhere = of([[0], [0]]);
    expect(() => saturation.compute({ inspection, reference: elsewhere }, {})).toThrow(
      'other tokens',
    );
  });
});

describe('difficult', () => {
  const kinds = ['ffn', 'ffn', 'negated', 'copy'] as const;
  const hidden = [4, 12, 8, 0];
  const slots = [
    [1, 0],
    [0, 2],
    [3, 1],
    [2, 0],
  ];
  const inspection = inspectionOf({ ce: [1, 1, 2, 2], layers: [{ kinds, hidden, slots }] });
  const baseline = inspectionOf({ ce: [1, 2, 3, 4] });

  it('takes what lies above the threshold; slots of the mean width are on neither side', () => {
    const args = { thresholds: [2, 0] };
    const { values, layers } = difficult.compute({ inspection, baseline }, args);
    expect([...values.count.data]).toEqual([2, 4]);
    expect([...values.baselineCe.data]).toEqual([3.5, 2.5]);
    expect([...values.ce.data]).toEqual([2, 1.5]);
    expect([...values.reduction.data]).toEqual([1.5, 1]);
    const of = layers[0]!.values;
    expect([...of.rank0.data]).toEqual([0, 0, 1, 1, 1, 1, 1, 1]);
    expect([...of.all.data]).toEqual([1, 1, 1, 1, 3, 2, 2, 1]);
    expect([...of.widerAll.data, ...of.narrowerAll.data]).toEqual([1, 2, 1, 3]);
    expect([...of.widerRank0.data, ...of.narrowerRank0.data]).toEqual([0, 1, 0, 1]);
  });

  it('says nothing of rank 0 where slots take tokens', () => {
    const unranked = { inspection: withoutRanks(inspection), baseline };
    const { values, layers } = difficult.compute(unranked, { thresholds: [2] });
    expect([...layers[0]!.values.rank0.data]).toEqual([NaN, NaN, NaN, NaN]);
    expect([...values.widerRank0.data, ...values.narrowerRank0.data]).toEqual([NaN, NaN]);
    expect([...values.widerAll.data, ...values.narrowerAll.data]).toEqual([1, 1]);
  });

  it('takes quantiles of the baseline; above its largest loss there is nothing', () => {
    const { values } = difficult.compute({ inspection, baseline }, { quantiles: [0.5, 1] });
    expect([...values.thresholds.data]).toEqual([2.5, 4]);
    expect([...values.count.data]).toEqual([2, 0]);
    expect([...values.reduction.data]).toEqual([1.5, NaN]);
  });

  it('sums over layers, and needs a baseline of the same tokens', () => {
    const [layer] = inspection.layers;
    const twice: Inspection = { ...inspection, layers: [layer!, { ...layer!, layer: 1 }] };
    const { values } = difficult.compute({ inspection: twice, baseline }, { thresholds: [0] });
    expect([...values.widerAll.data, ...values.narrowerAll.data]).toEqual([4, 6]);
    const args = { thresholds: [0] };
    expect(() => difficult.compute({ inspection }, args)).toThrow('a baseline is needed');
    const other = inspectionOf({ tokens: [0, 0, 1, 0], ce: [0, 0, 0, 0] });
    expect(() => difficult.compute({ inspection, baseline: other }, args)).toThrow('other tokens');
  });
});

describe('contribution', () => {
  const kinds = ['ffn', 'copy', 'zero'] as const;
  const args = { figure: 'contribution', n: 1, seed: 3 } as const;
  /** Two sequences of two tokens. */
  const inspection = inspectionOf({
    B: 2,
    S: 2,
    ce: [1, 1, 2, 2],
    layers: [
      {
        layer: 2,
        kinds,
        slots: [[0, 1], [0, 2], [1], [2, 0]],
        gates: [[0.75, 0.125], [0.75, 0.25], [1], [0.5, 0.75]],
        dropped: [[], [], [], [0, 1]],
      },
    ],
  });
  const mask = (token: number, slot: number): Intervention => {
    return { type: 'scale', layer: 2, token, slot, factor: 0 };
  };
  const flip = (token: number, slot: number): Intervention =>
    ({ ...mask(token, slot), factor: -1 }) as Intervention;

  it('draws the smallest hashes of kept assignments that are not to zero slots', () => {
    // In [0.7, 0.8) sequence 0 has token 0 and token 1 on slot 0; dropped and zero ones are none.
    const first = hashChain(3, 0, 2, 0, 0) < hashChain(3, 0, 2, 1, 0) ? 0 : 1;
    const passes = passesOf(args, { inspection });
    expect(passes).toEqual([[mask(0, 1)], [mask(first, 0)], [mask(2, 1)], [flip(0, 1)]]);
    const both = passesOf({ ...args, n: 2 }, { inspection })[1]!;
    expect(both).toHaveLength(2);
  });

  it('parts the sequences of a batch where capacity could couple them', () => {
    const passes = passesOf(args, { inspection, capacity: true });
    expect(passes.map((items) => items.length)).toEqual([1, 1, 1, 1]);
    expect(passes[2]).toEqual([flip(0, 1)]);
    expect(passes[3]).toEqual([mask(2, 1)]);
    const batches: Inspection = { ...inspection, n: 2, B: 1 };
    expect(passesOf(args, { inspection: batches, capacity: true })).toEqual(
      passesOf(args, { inspection: batches }),
    );
  });

  it('parts them where slots take their tokens from all of them', () => {
    expect(passesOf(args, { inspection: withoutRanks(inspection) })).toEqual(
      passesOf(args, { inspection, capacity: true }),
    );
  });

  it('gives changes of sequences, undefined where nothing was drawn', () => {
    const losses = [
      [2, 1, 9, 9],
      [1, 0.5, 9, 9],
      [9, 9, 1, 2],
      [3, 1, 9, 9],
    ].map((ce) => Float32Array.from(ce));
    const { values } = contribution.compute({ inspection, losses }, args);
    const wanted = Array<number>(20).fill(NaN);
    Object.assign(wanted, { 1: 0.5, 7: -0.25, 19: -0.5 });
    expect([...values.contribution.data]).toEqual(wanted);
    expect(
      [...values.masked.data].map((count, i) => (count > 0 ? i : -1)).filter((i) => i >= 0),
    ).toEqual([1, 7, 19]);
    expect([...values.flipped.data]).toEqual([1, 0]);
    expect([...values.flip.data]).toEqual([1, NaN]);
    expect([...values.negativeShare.data]).toEqual([NaN, 0, NaN, NaN, NaN, NaN, NaN, 1, NaN, 1]);
    expect(values.negative).toBe(2 / 3);
    expect(values.mean.data[9]).toBe(-0.5);
    expect([...values.quantiles.data.subarray(0, 10)]).toEqual([
      NaN,
      NaN,
      NaN,
      NaN,
      NaN,
      0.5,
      0.5,
      0.5,
      0.5,
      0.5,
    ]);
    expect(values).toMatchObject({ flipNegative: 0, flipMean: 1 });
  });

  it('is undefined where nothing can be drawn, and refuses what draws nothing', () => {
    const layers = [{ kinds, slots: [[2]] }];
    const nothing = inspectionOf({ ce: [1], layers });
    const { values } = contribution.compute({ inspection: nothing, losses: [] }, args);
    expect(values).toMatchObject({ negative: NaN, flipNegative: NaN, flipMean: NaN });
    expect([...values.masked.data]).toEqual(Array(10).fill(0));
    expect(() => passesOf({ ...args, n: 0 }, { inspection })).toThrow('n = 0');
    expect(() => contribution.compute({ inspection, losses: [] }, args)).toThrow('0 passes of 4');
  });
});

describe('interventions', () => {
  const inspection = inspectionOf({
    B: 2,
    S: 2,
    ce: [1, 2, 3, 4],
    domains: [0, 0, 0, 2],
    domainNames: ['a', 'none', 'b'],
    layers: [{ slots: [[0], [0], [0], [0]] }],
  });
  const losses = [Float32Array.of(1, 2.5, 2, 5)];
  const changes = (of?: number) =>
    interventions.compute({ inspection, losses }, { items: [], ...(of !== undefined && { of }) })
      .values;

  it('gives the change of a token, of those behind it and of its sequence', () => {
    expect([...changes().delta.data]).toEqual([0, 0.5, -1, 1]);
    expect(changes().inspection).toBe(0.125);
    expect([...changes().byDomain.data]).toEqual([-0.5 / 3, NaN, 1]);
    expect(changes(2)).toMatchObject({ own: -1, later: 1, passage: 0 });
    expect(changes(1)).toMatchObject({ own: 0.5, later: NaN, passage: 0.25 });
    expect(changes()).toMatchObject({ own: NaN, later: NaN, passage: NaN });
  });

  it('asks for one pass, and refuses a token that is not there', () => {
    const items = [{ type: 'scale', layer: 0, token: 1, slot: 0, factor: 0 }] as const;
    expect(passesOf({ figure: 'interventions', items }, { inspection })).toEqual([items]);
    for (const of of [4, -1, 0.5]) expect(() => changes(of)).toThrow(`token ${of} is not in 0 … 3`);
    expect(() => interventions.compute({ inspection }, { items: [] })).toThrow(
      'losses of the pass',
    );
    const request = { figure: 'interventions', items: [] } as const;
    const { values } = figureValues(request, { inspection, losses });
    expect((values.delta as FigureTensor).shape).toEqual([4]);
  });
});
