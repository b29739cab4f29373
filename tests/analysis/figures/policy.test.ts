import { describe, expect, it } from 'vitest';
import { policy } from '../../../src/analysis/figures/policy.ts';
import { adaptivePolicy, layerPolicy, POLICY_KINDS } from '../../../src/config/ladimo.ts';
import { tokenWidths } from '../../../src/reference/ladimo.ts';
import { inspectionOf } from './support.ts';

/** A layer whose tokens have these highest scores among R slots. */
function layer(weights: readonly number[], R = 4) {
  const rest = (w: number) => Array.from({ length: R - 1 }, () => (1 - w) / (R - 1));
  const kinds = Array.from({ length: R }, () => 'ffn' as const);
  return { kinds, slots: weights.map(() => [0]), probs: weights.map((w) => [w, ...rest(w)]) };
}

const of = (layers: readonly ReturnType<typeof layer>[], pu = 0.25, pe = 0.25) =>
  policy.compute({ inspection: inspectionOf({ layers }) }, { pu, pe });

const SURE = [0.625, 0.75, 0.875, 1];
const UNSURE = [0.25, 0.3125, 0.375, 0.4375];
const WIDE = [0.25, 0.25, 0.5, 1];
const MIDDLE = [0.5, 0.5, 0.5625, 0.5625];

describe('policy', () => {
  it('is that of the converter, layer by layer, with the slots that its tokens get', () => {
    const all = [SURE, UNSURE, WIDE, MIDDLE];
    const { values, layers } = of(all.map((weights) => layer(weights)));
    const table = adaptivePolicy(all, { pu: 0.25, pe: 0.25 });
    expect([values.alpha, values.beta]).toEqual([table.alpha, table.beta]);
    for (const [i, own] of table.layers.entries()) {
      const { alpha, beta, kind, tokens } = layers[i]!.values;
      expect([alpha, beta, POLICY_KINDS[kind]]).toEqual([own.alpha, own.beta, own.kind]);
      const widths = tokenWidths(all[i]!, layerPolicy(own));
      expect([...tokens.data]).toEqual([1, 2, 3].map((k) => widths.filter((w) => w === k).length));
    }
    const kinds = layers.map(({ values: { kind } }) => POLICY_KINDS[kind]);
    expect(new Set(kinds).size).toBeGreaterThan(2);
    const [one = 0, two = 0, three = 0] = values.tokens.data;
    expect(one + two + three).toBe(16);
    expect(values.slotsMean).toBeCloseTo((one + 2 * two + 3 * three) / 16, 12);
    expect(values.histogram.data.reduce((a, b) => a + b)).toBe(16);
    expect(values.histogram.data[19]).toBe(2);
  });

  it('gives no more slots than a layer has', () => {
    const { layers } = of([layer([0.5, 0.5, 0.5625, 0.625], 2), layer(SURE)]);
    expect(POLICY_KINDS[layers[0]!.values.kind]).toBe('top-3');
    expect([...layers[0]!.values.tokens.data]).toEqual([0, 4, 0]);
  });

  it('is undefined without tokens', () => {
    const { values, layers } = of([layer([])]);
    expect(values).toMatchObject({ alpha: NaN, beta: NaN, slotsMean: NaN });
    expect(layers[0]!.values).toMatchObject({ alpha: NaN, beta: NaN, kind: -1 });
    expect([...values.tokens.data]).toEqual([0, 0, 0]);
  });
});
