import { expect, it } from 'vitest';
import { minMaxIndices } from '../../src/ui/charts/downsample.ts';
import { Ema } from '../../src/ui/charts/ema.ts';
import { seriesCsv } from '../../src/ui/charts/exporters.ts';
import { position, ticksOf, valueAtPosition, valueAxis } from '../../src/ui/charts/scale.ts';
import { brokenSteps, chartRows, type Series } from '../../src/ui/charts/series.ts';
import { domainCells } from '../../src/ui/panels/DomainPanel.tsx';

const LINEAR = { min: 0, max: 10_000, isLog: false };

it('keeps the extremes of every bucket, and values that are not finite', () => {
  const values = Float32Array.from({ length: 10_000 }, (_, i) => Math.sin(i / 40));
  values[1234] = 50;
  values[5678] = -50;
  values[9000] = Number.NaN;
  for (const axis of [LINEAR, { min: 1, max: 10_000, isLog: true }]) {
    const kept = minMaxIndices(values, 1, axis, 100);
    expect(kept.length).toBeLessThanOrEqual(300);
    expect(kept).toEqual(expect.arrayContaining([1234, 5678, 9000]));
    expect(kept).toEqual([...kept].sort((a, b) => a - b));
  }
});

it('keeps every value of a short zoom, and none outside of it', () => {
  const axis = { min: 101, max: 120, isLog: false };
  expect(minMaxIndices(new Float32Array(500), 1, axis, 100)).toEqual(
    Array.from({ length: 20 }, (_, i) => 100 + i),
  );
});

it('smooths without a bias at the start, and alike when it grows', () => {
  const raw = Float32Array.of(4, 2, Number.NaN, 3, 1);
  const whole = Array.from(new Ema(0.9).extend(raw));
  expect(whole[0]).toBeCloseTo(4, 6);
  expect(whole[1]).toBeCloseTo((0.9 * 0.1 * 4 + 0.1 * 2) / (1 - 0.81), 5);
  expect(whole[2]).toBeNaN();
  const grown = new Ema(0.9);
  grown.extend(raw.subarray(0, 2));
  expect(Array.from(grown.extend(raw))).toEqual(whole);
  expect(Array.from(new Ema(0).extend(raw))).toEqual(Array.from(raw));
});

it('maps steps to positions and back on both kinds of axis', () => {
  for (const axis of [LINEAR, { min: 1, max: 1000, isLog: true }]) {
    for (const at of [0, 0.25, 1]) {
      expect(position(axis, valueAtPosition(axis, at))).toBeCloseTo(at, 10);
    }
  }
});

it('places round ticks inside of an axis', () => {
  expect(ticksOf({ min: 0, max: 2000, isLog: false }, 5)).toEqual([0, 500, 1000, 1500, 2000]);
  expect(ticksOf({ min: 1, max: 1000, isLog: true }, 6)).toContain(100);
  for (const tick of ticksOf({ min: 1.7, max: 5.6, isLog: true }, 4)) {
    expect(tick).toBeGreaterThanOrEqual(1.7);
    expect(tick).toBeLessThanOrEqual(5.6);
  }
});

it('makes axes of values that are equal, zero, or not finite', () => {
  expect(valueAxis([0, 0], false)).toMatchObject({ min: 0, max: 1 });
  expect(valueAxis([3, 3, Number.NaN], false).max).toBeGreaterThan(3);
  expect(valueAxis([-1, 0, 2], true).min).toBeGreaterThan(0);
});

const values = Float32Array.of(3, Number.NaN, 1);
const series: Series[] = [
  { key: 'train', label: 'train', color: 'red', at: (step) => values[step - 1] ?? Number.NaN },
  {
    key: 'validation',
    label: 'validation',
    color: 'blue',
    points: [{ step: 2, value: 2.5 }],
    at: (step) => (step === 2 ? 2.5 : Number.NaN),
  },
];

it('draws sparse points and leaves gaps where a value is not finite', () => {
  expect(chartRows(series, { firstStep: 1, values }, { ...LINEAR, max: 10 }, 50)).toEqual([
    { step: 1, train: 3, validation: null },
    { step: 2, train: null, validation: 2.5 },
    { step: 3, train: 1, validation: null },
  ]);
  expect(brokenSteps({ firstStep: 1, values })).toEqual([2]);
});

it('exports every step', () => {
  expect(seriesCsv(series, { firstStep: 1, values })).toBe(
    'step,train,validation\n1,3,\n2,,2.5\n3,1,\n',
  );
});

it('computes share and lift of domains', () => {
  const [a, b] = domainCells(Uint32Array.of(30, 10, 10, 50), 2, 2);
  expect(a?.share).toEqual([0.75, 0.25]);
  expect(a?.lift[0]).toBeCloseTo(0.75 / 0.4, 12);
  expect(b?.total).toBe(60);
});
