/** Co-activation, flow, scores and maximal weights: figures of slots and of the router. */
import { describe, expect, it } from 'vitest';
import { coactivation } from '../../../src/analysis/figures/coactivation.ts';
import { flow } from '../../../src/analysis/figures/flow.ts';
import { maxWeights } from '../../../src/analysis/figures/maxWeights.ts';
import { scores } from '../../../src/analysis/figures/scores.ts';
import { tokens } from '../../../src/analysis/figures/tokens.ts';
import { inspectionOf, type LayerGiven } from './support.ts';

/** Inspection of one layer. */
const one = (layer: LayerGiven) => inspectionOf({ layers: [layer] });

describe('coactivation', () => {
  it('takes kept assignments alone, and has no row for a slot that nobody keeps', () => {
    const kinds = ['ffn', 'ffn', 'ffn'] as const;
    const slots = [[0, 1], [0, 1], [0], [0, 2]];
    const dropped = [[0, 0], [0, 1], [0], [0, 1]];
    const inspection = one({ kinds, slots, dropped });
    const { both, conditional, lift } = coactivation.compute({ inspection }, {}).layers[0]!.values;
    expect([...both.data]).toEqual([4, 1, 0, 1, 1, 0, 0, 0, 0]);
    expect([...conditional.data]).toEqual([1, 0.25, 0, 1, 1, 0, NaN, NaN, NaN]);
    expect([...lift.data]).toEqual([1, 1, NaN, 1, 4, NaN, NaN, NaN, NaN]);
  });

  it('gives R·(k − 1)/((R − 1)·k) where every set of k is equally likely', () => {
    const slots = [
      [0, 1],
      [0, 2],
      [1, 2],
    ];
    const { lift } = coactivation.compute({ inspection: one({ slots }) }, {}).layers[0]!.values;
    expect(lift.data[1]).toBeCloseTo((3 * 1) / (2 * 2), 14);
  });
});

describe('flow', () => {
  const three = inspectionOf({
    layers: [
      { layer: 1, kinds: ['ffn', 'ffn'], slots: [[0, 1], [1], [0]], dropped: [[1, 0], [], []] },
      { layer: 4, kinds: ['ffn', 'ffn', 'zero'], slots: [[2], [2], [0]] },
      { layer: 5, kinds: ['ffn'], slots: [[0], [], [0]] },
    ],
  });

  it('skips dense layers, takes dropped first slots too, and ends before the last', () => {
    const { layers, values } = flow.compute({ inspection: three }, {});
    expect(layers.map(({ layer }) => layer)).toEqual([1, 4]);
    expect(layers[0]!.values.counts).toEqual({
      shape: [2, 3],
      data: Int32Array.of(1, 0, 1, 0, 0, 1),
    });
    // The second token holds nothing in the last layer.
    expect([...layers[1]!.values.counts.data]).toEqual([1, 0, 1]);
    expect(values).toEqual({});
  });

  it('has none where slots take tokens, whose slots have no order', () => {
    const layers = three.layers.map((layer) => ({ ...layer, selection: 'expertChoice' as const }));
    expect(flow.compute({ inspection: { ...three, layers } }, {}).layers).toEqual([]);
  });

  it('has none where one layer is MoE', () => {
    expect(flow.compute({ inspection: one({ slots: [[0]] }) }, {}).layers).toEqual([]);
  });
});

describe('scores', () => {
  const of = (layer: LayerGiven) =>
    scores.compute({ inspection: one(layer) }, {}).layers[0]!.values;

  it('measures highest and second scores, equal ones both', () => {
    const values = of({
      slots: [[0], [0, 1]],
      probs: [
        [0.5, 0.5],
        [0.75, 0.25],
      ],
      logits: [
        [3, 4],
        [-5, 0],
      ],
    });
    expect(values.top1Mean).toBe(0.625);
    expect(values.top1Variance).toBe(0.015625);
    expect(values.top2Mean).toBe(0.375);
    expect(values.confidence).toBe((0.5 + 1) / 2);
    // The second token selects all slots and has no margin.
    expect(values.margin).toBe(1);
    expect(values.logitNorm).toBe(5);
    expect(values.logitMax).toBe(5);
    expect(values.meanEntropy).toBeGreaterThan(values.tokenEntropy);
    expect(values.mutualInformation).toBeCloseTo(values.meanEntropy - values.tokenEntropy, 14);
  });

  it('puts bin edges into the upper bin, and 1 into the last', () => {
    const values = of({
      kinds: ['ffn', 'ffn'],
      slots: [[0], [0], [0]],
      probs: [
        [1, 0],
        [0.75, 0.25],
        [0.5, 0.5],
      ],
    });
    const bins = (...at: number[]) =>
      Array.from({ length: 20 }, (_, i) => at.filter((bin) => bin === i).length);
    expect([...values.top1Histogram.data]).toEqual(bins(19, 15, 10));
    expect([...values.top2Histogram.data]).toEqual(bins(0, 5, 10));
  });

  it('takes the margin of what ranks: scores with a bias, and no slot outside of a pool', () => {
    const logits = [
      [4, 0, 2],
      [4, 0, 2],
    ];
    const kinds = ['ffn', 'ffn', 'ffn'] as const;
    const slots = [[1], [1, 2]];
    expect(of({ kinds, slots, logits }).margin).toBe((4 - 2 + 2 - 0) / 2);
    const out = Number.NEGATIVE_INFINITY;
    const ranking = [
      [0.25, 0.75, 0.5],
      [out, 0.75, 0.5],
    ];
    expect(of({ kinds, slots, logits, ranking }).margin).toBe(0.25);
    for (const selection of ['hash', 'expertChoice'] as const)
      expect(of({ kinds, slots, logits, selection }).margin).toBeNaN();
  });

  it('has no second score and no margin with one slot', () => {
    const values = of({ slots: [[0], [0]], probs: [[1], [1]] });
    expect(values).toMatchObject({ top2Mean: NaN, top2Variance: NaN, margin: NaN });
    expect([...values.top2Histogram.data]).toEqual(Array(20).fill(0));
    expect(values).toMatchObject({ tokenEntropy: 0, meanEntropy: 0, mutualInformation: 0 });
  });

  it('is undefined without tokens', () => {
    const values = of({ kinds: ['ffn', 'ffn'], slots: [], W: 1 });
    for (const name of [
      'top1Mean',
      'confidence',
      'margin',
      'tokenEntropy',
      'meanEntropy',
      'logitMax',
    ] as const)
      expect(values[name], name).toBeNaN();
  });
});

describe('maxWeights', () => {
  const probs = [
    [0.5, 0.5],
    [0.25, 0.75],
    [1, 0],
  ];
  const slots = [[0], [1], [0]];
  const at = { quantiles: [0, 0.5, 1] };

  it('takes quantiles of all, of domains, and of all layers together', () => {
    const layers = [
      { slots, probs },
      {
        slots,
        probs: [
          [0.5, 0.5],
          [0.5, 0.5],
          [0.5, 0.5],
        ],
      },
    ];
    const given = { domains: [0, 0, 2], domainNames: ['a', 'none', 'b'] };
    const inspection = inspectionOf({ ...given, layers });
    const { values, layers: of } = maxWeights.compute({ inspection }, at);
    const { quantiles, histogram, byDomain, histogramByDomain } = of[0]!.values;
    expect([...quantiles.data]).toEqual([0.5, 0.75, 1]);
    expect([10, 15, 19].map((bin) => histogram.data[bin])).toEqual([1, 1, 1]);
    expect([...byDomain.data]).toEqual([0.5, 0.625, 0.75, NaN, NaN, NaN, 1, 1, 1]);
    expect(histogramByDomain.shape).toEqual([3, 20]);
    expect([...histogramByDomain.data.subarray(20, 40)]).toEqual(Array(20).fill(0));
    expect([...values.quantiles.data]).toEqual([0.5, 0.5, 1]);
  });
});

describe('tokens', () => {
  it('gives what the pass chose, and the work of what it kept', () => {
    const inspection = inspectionOf({
      ce: [1, 2],
      layers: [
        {
          kinds: ['ffn', 'copy'],
          slots: [[0, 1], [0]],
          gates: [[0.75, 0.25], [1]],
          dropped: [[0, 0], [1]],
          norms: [[2, 3], [0]],
        },
      ],
    });
    const { values, layers } = tokens.compute({ inspection }, {});
    expect([...values.ce.data]).toEqual([1, 2]);
    const of = layers[0]!.values;
    expect(of.selected).toEqual({ shape: [2, 2], data: Int32Array.of(0, 1, 0, -1) });
    expect([...of.gates.data]).toEqual([0.75, 0.25, 1, 0]);
    expect([...of.dropped.data]).toEqual([0, 0, 1, 0]);
    expect([...of.norms.data]).toEqual([2, 3, 0, 0]);
    expect([...of.width.data]).toEqual([8, 0]);
    expect([...of.computing.data]).toEqual([1, 0]);
  });
});
