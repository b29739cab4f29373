import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Ema } from '../../src/ui/charts/ema.ts';
import { Envelope, EnvelopeCache, type LineValues } from '../../src/ui/charts/envelope.ts';
import { seriesCsv } from '../../src/ui/charts/exporters.ts';
import { axisEnd } from '../../src/ui/charts/StepChart.tsx';
import {
  position,
  steadyAxis,
  ticksOf,
  valueAtPosition,
  valueAxis,
} from '../../src/ui/charts/scale.ts';
import { extentOf, readAt, type Series, valueAt } from '../../src/ui/charts/series.ts';
import { domainCells } from '../../src/ui/panels/DomainPanel.tsx';

const LINEAR = { min: 0, max: 10_000, isLog: false };

const SIZE = { width: 100, height: 200 };
const Y = { min: -50, max: 50, isLog: false };

/** Points of a path; a new array for each stroke. */
function strokes(path: string): [x: number, y: number][][] {
  return path
    .split('M')
    .slice(1)
    .map((stroke) =>
      stroke.split('L').map((point) => point.split(' ').map(Number) as [number, number]),
    );
}

it('draws the extremes of every pixel column, however the line has grown', () => {
  fc.assert(
    fc.property(
      fc.array(fc.float({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 3000 }),
      fc.integer({ min: 1, max: 3000 }),
      fc.boolean(),
      (raw, part, isLog) => {
        const values = Float32Array.from(raw);
        const axis = { min: 1, max: 2500, isLog };
        const line = { owner: values, firstStep: 1, values };
        const grown = new Envelope(line, axis, SIZE.width);
        grown.extend(values.subarray(0, part));
        grown.extend(values);
        const drawn = strokes(grown.path(values, Y, SIZE)).flat();
        expect(drawn.length).toBeLessThanOrEqual(2 * SIZE.width + 1);

        const seen = values.subarray(0, 2500);
        const columnOf = (i: number) =>
          Math.min(SIZE.width - 1, Math.floor(position(axis, i + 1) * SIZE.width));
        const columns = new Map<number, number[]>();
        seen.forEach((value, i) => {
          const y = SIZE.height * (1 - position(Y, value));
          columns.set(columnOf(i), [...(columns.get(columnOf(i)) ?? []), y]);
        });
        for (const [c, ys] of columns) {
          const inColumn = drawn
            .filter(([x]) => x >= c - 0.051 && x <= c + 1.051)
            .map(([, y]) => y);
          for (const extreme of [Math.min(...ys), Math.max(...ys)])
            expect(Math.min(...inColumn.map((y) => Math.abs(y - extreme)))).toBeLessThan(0.051);
        }
        expect(grown.range(values)).toEqual([Math.min(...seen), Math.max(...seen)]);
      },
    ),
    { numRuns: 60 },
  );
});

it('breaks a line at values that are not finite, and remembers their steps', () => {
  const values = Float32Array.of(1, 2, Number.NaN, 3, 4);
  const line = { owner: values, firstStep: 1, values };
  const axis = { min: 0, max: 10, isLog: false };
  const envelope = new Envelope(line, axis, 100);
  envelope.extend(values);
  expect(strokes(envelope.path(values, Y, SIZE))).toEqual([
    [
      [10, 98],
      [20, 96],
    ],
    [
      [40, 94],
      [50, 92],
    ],
  ]);
  expect(envelope.broken).toEqual([3]);
  const joined = new Envelope({ ...line, isGapless: true }, axis, 100);
  joined.extend(values);
  expect(strokes(joined.path(values, Y, SIZE))).toHaveLength(1);
});

it('draws zoomed lines to the edges of the picture, and no others', () => {
  const values = Float32Array.from({ length: 500 }, (_, i) => i % 7);
  const envelope = new Envelope(
    { owner: values, firstStep: 1, values },
    { min: 101, max: 121, isLog: false },
    100,
  );
  envelope.extend(values);
  const [stroke = []] = strokes(envelope.path(values, Y, SIZE));
  expect(stroke.map(([x]) => x)).toEqual(Array.from({ length: 23 }, (_, i) => 5 * (i - 1)));
});

it('takes in only what is new, and begins anew for another line, axis or size', () => {
  const cache = new EnvelopeCache();
  const axis = { min: 0, max: 100, isLog: false };
  const values = new Float32Array(50);
  const owner = {};
  const update = (count: number, over: Partial<LineValues> = {}, at = axis, columns = 100) => {
    const line = { owner, firstStep: 1, values: values.subarray(0, count), ...over };
    const envelope = cache.update(new Map([['a', line]]), at, columns).get('a');
    return [envelope, cache.path('a', line, Y, SIZE)] as const;
  };
  const [first, path] = update(10);
  expect(update(10)).toEqual([first, path]);
  const [same, longer] = update(20);
  expect(same).toBe(first);
  expect(longer.length).toBeGreaterThan(path.length);
  expect(update(5)[0]).not.toBe(same);
  for (const other of [
    () => update(20, { owner: {} }),
    () => update(20, {}, { ...axis, max: 50 }),
    () => update(20, {}, axis, 80),
    () => update(20, { stretch: 2 }),
  ]) {
    const [before] = update(20);
    expect(other()[0]).not.toBe(before);
  }
});

it('moves an axis only when its values leave it or leave it empty', () => {
  const axis = valueAxis([1, 3], false);
  expect(steadyAxis(axis, valueAxis([1, 3.05], false))).toBe(axis);
  expect(steadyAxis(axis, valueAxis([1.1, 2.9], false))).toBe(axis);
  for (const values of [
    [1, 3.5],
    [0.5, 3],
    [1, 1.5],
  ]) {
    const wanted = valueAxis(values, false);
    expect(steadyAxis(axis, wanted)).toBe(wanted);
  }
  expect(steadyAxis(axis, valueAxis([1, 3], true)).isLog).toBe(true);
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
  { key: 'train', label: 'train', color: 'red', owner: values, firstStep: 1, values },
  {
    key: 'validation, own',
    label: 'validation',
    color: 'blue',
    points: [{ step: 2, value: 2.5 }],
  },
];

it('reads a sparse line at its last point, and a stretched one at its own steps', () => {
  const [train, validation] = series;
  if (train === undefined || validation === undefined) throw new Error('two series');
  expect([1, 2, 9].map((step) => readAt(validation, step))).toEqual([Number.NaN, 2.5, 2.5]);
  expect([1, 2, 3, 4].map((step) => readAt(train, step))).toEqual([3, Number.NaN, 1, Number.NaN]);
  const slow: Series = {
    key: 's',
    label: 's',
    color: 'red',
    owner: values,
    firstStep: 1,
    values,
    stretch: 10,
  };
  expect([10, 30, 40].map((step) => valueAt(slow, step))).toEqual([3, 1, Number.NaN]);
  expect(extentOf([train, slow])).toEqual([1, 30]);
  expect(extentOf([validation])).toBeNull();
});

it('exports every step', () => {
  expect(seriesCsv(series)).toBe('step,train,"validation, own"\n1,3,\n2,,2.5\n3,1,\n');
});

it('computes share and lift of domains', () => {
  const [a, b] = domainCells(Uint32Array.of(30, 10, 10, 50), 2, 2);
  expect(a?.share).toEqual([0.75, 0.25]);
  expect(a?.lift[0]).toBeCloseTo(0.75 / 0.4, 12);
  expect(b?.total).toBe(60);
});

it('gives a run an axis that it fills, and never more than its plan', () => {
  const ends = [0, 50, 51, 200, 201, 1500, 2000, 2400].map((taken) => axisEnd(taken, 2000));
  expect(ends).toEqual([50, 50, 100, 200, 500, 2000, 2000, 2400]);
  expect(axisEnd(3, 20)).toBe(20);
  expect(axisEnd(0, 1)).toBe(2);
});
