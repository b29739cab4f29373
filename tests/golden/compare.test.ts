import { describe, expect, it } from 'vitest';
import {
  compareScalar,
  compareTensors,
  compareText,
  worstFirst,
} from '../../src/golden/compare.ts';

const tolerance = { abs: 0.01, rel: 0.001 };
const want = { shape: [2, 2], data: Float32Array.of(1, -10, 2, 3) };
const got = (...values: number[]) => ({ shape: [2, 2], data: Float64Array.from(values) });

describe('compareTensors', () => {
  it('allows abs + rel · max |want| over the whole tensor', () => {
    const good = compareTensors('out.a', got(1.0199, -10, 2, 3), want, tolerance);
    expect(good).toMatchObject({ passed: true, allowed: 0.02 });
    const bad = compareTensors('out.a', got(1, -10, 2.03, 3), want, tolerance);
    expect(bad).toMatchObject({ passed: false, detail: '[1,0] got 2.03, want 2' });
    expect(bad.ratio).toBeCloseTo(1.5, 12);
  });

  it('refuses what is missing, not finite or of another shape', () => {
    expect(compareTensors('out.a', undefined, want, tolerance).passed).toBe(false);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const result = compareTensors('out.a', got(1, -10, value, 3), want, tolerance);
      expect(result).toMatchObject({ passed: false, ratio: Number.POSITIVE_INFINITY });
    }
    const flat = { shape: [4], data: Float64Array.of(1, -10, 2, 3) };
    expect(compareTensors('out.a', flat, want, tolerance).passed).toBe(false);
  });

  it('wants whole numbers equal, whatever the tolerance', () => {
    const whole = { shape: [2], data: Int32Array.of(1000, 2) };
    const other = { shape: [2], data: Int32Array.of(1001, 2) };
    expect(compareTensors('out.x.selected', whole, whole, tolerance).passed).toBe(true);
    expect(compareTensors('out.x.selected', other, whole, { abs: 5, rel: 1 }).passed).toBe(false);
  });

  it('takes a wider selection when the rest is −1, and gates when it is 0', () => {
    const narrow = { shape: [2, 1], data: Int32Array.of(4, 5) };
    const wide = (...data: number[]) => ({ shape: [2, 2], data: Int32Array.from(data) });
    const compare = (name: string, ...data: number[]) =>
      compareTensors(`out.layers.0.${name}`, wide(...data), narrow, tolerance).passed;
    expect(compare('selected', 4, -1, 5, -1)).toBe(true);
    expect(compare('selected', 4, 0, 5, -1)).toBe(false);
    expect(compare('gates', 4, 0, 5, 0)).toBe(true);
    expect(compare('moe_output', 4, 0, 5, 0)).toBe(false);
  });
});

describe('scalars and texts', () => {
  it('compares one number and equal lists', () => {
    expect(compareScalar('lr', 1.0000005, 1, { abs: 0, rel: 1e-6 }).passed).toBe(true);
    expect(compareScalar('lr', 1.000002, 1, { abs: 0, rel: 1e-6 }).passed).toBe(false);
    expect(compareScalar('lr', Number.NaN, 1, tolerance).passed).toBe(false);
    expect(compareScalar('lr', undefined, 1, tolerance).passed).toBe(false);
    expect(compareText('places', [1, 2], [1, 2]).passed).toBe(true);
    expect(compareText('places', [1, 3], [1, 2]).passed).toBe(false);
  });

  it('lists the worst first', () => {
    const ratios = worstFirst([
      compareScalar('a', 1, 1, tolerance),
      compareScalar('b', Number.NaN, 1, tolerance),
      compareScalar('c', 1.001, 1, tolerance),
    ]);
    expect(ratios.map(({ name }) => name)).toEqual(['b', 'c', 'a']);
  });
});
