import { describe, expect, test } from 'vitest';
import {
  idealWeights,
  LAYER_METRICS,
  type LayerLoad,
  SLOT_METRICS,
} from '../../src/accounting/loadMetrics.ts';

const skewed: LayerLoad = {
  tokens: 8,
  kinds: ['ffn', 'negated', 'zero', 'ffn'],
  counts: [8, 4, 4, 0],
  drops: [2, 0, 1, 0],
  meanGate: [0.5, 0.25, 0.125, 0],
  meanProb: [0.4, 0.3, 0.2, 0.1],
  bias: [0.1, 0, -0.1, 0],
};

function ofLayer(id: string, load: LayerLoad) {
  const metric = LAYER_METRICS.find((row) => row.id === id)!;
  return { value: metric.compute(load), ideal: metric.ideal(load) };
}

function ofSlot(id: string, load: LayerLoad) {
  const metric = SLOT_METRICS.find((row) => row.id === id)!;
  return load.kinds.map((_, slot) => metric.compute(load, slot));
}

describe('load metrics', () => {
  test('figures per slot of a load worked out by hand', () => {
    expect(ofSlot('tokens', skewed)).toEqual([8, 4, 4, 0]);
    expect(ofSlot('share', skewed)).toEqual([0.5, 0.25, 0.25, 0]);
    expect(ofSlot('ratio', skewed)).toEqual([2, 1, 1, 0]);
    expect(ofSlot('meanGate', skewed)).toEqual([0.5, 0.25, 0.125, 0]);
    expect(ofSlot('drops', skewed)).toEqual([2, 0, 1, 0]);
  });

  test('figures per layer of the same load', () => {
    // Undefined, as in docs/analysis.md, while a slot is empty.
    expect(ofLayer('maxMin', skewed).value).toBeNaN();
    expect(ofLayer('maxMin', { ...skewed, counts: [8, 4, 2, 2] }).value).toBe(4);
    expect(ofLayer('maxViolation', skewed).value).toBe(1);
    expect(ofLayer('minViolation', skewed).value).toBe(-1);
    expect(ofLayer('cv', skewed).value).toBeCloseTo(Math.SQRT1_2, 12);
    expect(ofLayer('entropy', skewed).value).toBeCloseTo(1.5 * Math.LN2, 12);
    expect(ofLayer('effectiveExperts', skewed).value).toBeCloseTo(2 ** 1.5 / 4, 12);
    expect(ofLayer('dead', skewed).value).toBe(1);
    expect(ofLayer('dropRate', skewed).value).toBe(3 / 16);
    expect(ofLayer('computingPerToken', skewed).value).toBe(10 / 8);
  });

  test('a balanced load meets every ideal', () => {
    const balanced: LayerLoad = { ...skewed, counts: [4, 4, 4, 4], drops: [0, 0, 0, 0] };
    for (const metric of LAYER_METRICS) {
      const ideal = metric.ideal(balanced);
      if (ideal !== null) expect(metric.compute(balanced), metric.id).toBeCloseTo(ideal, 12);
    }
    for (const metric of SLOT_METRICS) {
      const ideal = metric.ideal(balanced, 2);
      if (ideal !== null) expect(metric.compute(balanced, 2), metric.id).toBeCloseTo(ideal, 12);
    }
  });

  test('with MoE++ weights, loads of τ to 1 are balanced and equal loads are not', () => {
    const weights = idealWeights(skewed.kinds, 0.5);
    expect(weights).toEqual([0.5, 0.5, 1, 0.5]);
    const even: LayerLoad = { ...skewed, counts: [3, 3, 6, 3], drops: [0, 0, 0, 0], weights };
    expect(ofLayer('maxViolation', even).value).toBeCloseTo(0, 12);
    expect(ofLayer('cv', even).value).toBeCloseTo(0, 12);
    expect(ofLayer('maxMin', even)).toEqual({ value: 2, ideal: 2 });
    expect(ofLayer('entropy', even).value).toBeCloseTo(ofLayer('entropy', even).ideal!, 12);
    expect(ofLayer('cv', { ...even, counts: [4, 4, 4, 4] }).value).toBeGreaterThan(0.1);
  });

  test('before the first assignment figures are NaN, not a number that looks measured', () => {
    const empty: LayerLoad = { ...skewed, counts: [0, 0, 0, 0], drops: [0, 0, 0, 0] };
    for (const id of ['maxMin', 'maxViolation', 'cv', 'entropy', 'effectiveExperts', 'dropRate']) {
      expect(ofLayer(id, empty).value, id).toBeNaN();
    }
    expect(ofLayer('dead', empty).value).toBe(4);
  });
});
