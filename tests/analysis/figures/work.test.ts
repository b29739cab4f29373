/** Workload, kinds and drops: what slots do for tokens. */
import { describe, expect, it } from 'vitest';
import { drops } from '../../../src/analysis/figures/drops.ts';
import { kinds } from '../../../src/analysis/figures/kinds.ts';
import { workload } from '../../../src/analysis/figures/workload.ts';
import { inspectionOf } from './support.ts';

const KINDS = ['ffn', 'negated', 'zero', 'ffn'] as const;
const SPACE = { kinds: KINDS, hidden: [8, 8, 0, 16], experts: [0, 0, -1, 1] };

describe('workload', () => {
  it('counts kept assignments alone, zero-computation ones with width 0', () => {
    const slots = [
      [0, 1],
      [3, 2],
      [2, 0],
    ];
    const dropped = [[], [0, 0], [0, 1]];
    const inspection = inspectionOf({ layers: [{ ...SPACE, slots, dropped }] });
    const { layers } = workload.compute({ inspection }, {});
    const { values } = layers[0]!;
    expect(values.widthMean).toBe((8 + 8 + 16 + 0 + 0) / 5);
    expect(values.widthPerToken).toBe(32 / 3);
    expect(values.computingMean).toBe(1);
    // E and −E of one expert count as two.
    expect([...values.histogram.data]).toEqual([1, 1, 1]);
  });

  it('sums widths over layers and takes means of the rest', () => {
    const inspection = inspectionOf({
      layers: [
        { ...SPACE, slots: [[0], [2]] },
        { ...SPACE, slots: [[3, 0, 1], [3]] },
      ],
    });
    const { values } = workload.compute({ inspection }, {});
    expect(values.widthMean).toBe((8 + 16 + 8 + 8 + 16) / 6);
    expect(values.widthPerToken).toBe((8 / 2 + 48 / 2) / 2);
    expect(values.computingMean).toBe((0.5 + 2) / 2);
    expect([...values.histogram.data]).toEqual([1, 2, 0, 1]);
    expect([...values.byToken.data]).toEqual([2, 0.5]);
  });

  it('has no width per assignment where all are dropped', () => {
    const layers = [{ ...SPACE, slots: [[0]], dropped: [[1]] }];
    const { values } = workload.compute({ inspection: inspectionOf({ layers }) }, {});
    expect(values).toMatchObject({ widthMean: Number.NaN, widthPerToken: 0, computingMean: 0 });
    expect([...values.histogram.data]).toEqual([1, 0]);
  });
});

describe('kinds', () => {
  it('takes all assignments, and pairs E with all its negated slots', () => {
    const space = {
      kinds: ['ffn', 'negated', 'negated', 'ffn', 'zero'] as const,
      experts: [0, 1, 1, 1, -1],
    };
    const slots = [
      [1, 0],
      [2, 3],
      [4, 2],
      [0, 1],
    ];
    const dropped = [[1, 1], [], [], []];
    const inspection = inspectionOf({ layers: [{ ...space, slots, dropped }] });
    const { values } = kinds.compute({ inspection }, {}).layers[0]!;
    expect([...values.ratio.data]).toEqual([3 / 8, 4 / 8, 1 / 8, 0, 0]);
    expect([...values.perToken.data]).toEqual([3 / 4, 1, 1 / 4, 0, 0]);
    expect(values.pairs).toEqual({
      shape: [2, 2],
      data: Float64Array.of(2 / 8, 0, 1 / 8, 4 / 8),
    });
  });

  it('weighs layers by their assignments', () => {
    const inspection = inspectionOf({
      layers: [
        { kinds: ['ffn', 'copy'], slots: [[0], [0]] },
        { kinds: ['ffn', 'copy'], slots: [[1, 0], [1]] },
      ],
    });
    const { ratio } = kinds.compute({ inspection }, {}).values;
    expect([...ratio.data]).toEqual([3 / 5, 0, 0, 2 / 5, 0]);
  });

  it('is undefined where nothing is assigned, and 0 for a kind that is not there', () => {
    const layers = [{ kinds: ['zero'] as const, slots: [[]], W: 0 }];
    const { values } = kinds.compute({ inspection: inspectionOf({ layers }) }, {}).layers[0]!;
    expect([...values.ratio.data]).toEqual(Array(5).fill(Number.NaN));
    expect([...values.perToken.data]).toEqual([0, 0, 0, 0, 0]);
    expect(values.pairs).toEqual({ shape: [0, 2], data: new Float64Array() });
  });
});

describe('drops', () => {
  const slots = [[0, 1], [0], [1], []];
  const dropped = [[0, 1], [1], [0], []];

  it('counts by slot, position and place in the batch', () => {
    const kinds = ['ffn', 'ffn', 'ffn'] as const;
    const inspection = inspectionOf({ n: 2, B: 1, S: 2, layers: [{ kinds, slots, dropped }] });
    const { values } = drops.compute({ inspection }, {}).layers[0]!;
    expect([...values.bySlot.data]).toEqual([1, 1, 0]);
    // A slot without assignments has no rate.
    expect([...values.slotRate.data]).toEqual([0.5, 0.5, Number.NaN]);
    expect([...values.byPosition.data]).toEqual([1, 1]);
    expect([...values.positionRate.data]).toEqual([1 / 3, 1]);
    expect([...values.bySequence.data]).toEqual([2]);
    expect([...values.sequenceRate.data]).toEqual([0.5]);
    expect(values.dropped).toBe(2);
    expect(values.rate).toBe(0.5);
  });

  it('tells the sequences of a batch apart', () => {
    const inspection = inspectionOf({ n: 1, B: 2, S: 2, layers: [{ slots, dropped }] });
    const { values } = drops.compute({ inspection }, {}).layers[0]!;
    expect([...values.bySequence.data]).toEqual([2, 0]);
    expect([...values.positionRate.data]).toEqual([1 / 3, 1]);
    expect([...values.sequenceRate.data]).toEqual([2 / 3, 0]);
  });

  it('has no rate where nothing is assigned', () => {
    const layers = [{ kinds: ['ffn'] as const, slots: [[]], W: 0 }];
    const { values } = drops.compute({ inspection: inspectionOf({ layers }) }, {}).layers[0]!;
    expect(values).toMatchObject({ dropped: 0, rate: Number.NaN });
  });
});
