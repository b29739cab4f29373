import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Budget } from '../../src/ui/kit/charts/budget.ts';
import { Ema } from '../../src/ui/kit/charts/ema.ts';
import { Envelope, EnvelopeCache, type LineValues } from '../../src/ui/kit/charts/envelope.ts';
import { seriesCsv } from '../../src/ui/kit/charts/exporters.ts';
import {
  type Axis,
  position,
  spread,
  steadyAxis,
  ticksOf,
  valueAtPosition,
  valueAxis,
} from '../../src/ui/kit/charts/scale.ts';
import { extentOf, readAt, type Series, valueAt } from '../../src/ui/kit/charts/series.ts';
import { axisEnd } from '../../src/ui/kit/charts/stepAxis.ts';
import { namesInCharts } from '../../src/ui/kit/charts/useKeptLines.ts';
import { formatLoss, formatPercent, formatRatio, formatTicks } from '../../src/ui/kit/format.ts';
import { domainCells } from '../../src/ui/views/domains/Panel.tsx';

const LINEAR = { min: 0, max: 10_000, isLog: false };

const SIZE = { width: 100, height: 200 };
const Y = { min: -50, max: 50, isLog: false };
const whole = () => new Budget(Number.POSITIVE_INFINITY);

/** An envelope of a line as it is, on 100 columns. */
function envelopeOf(line: LineValues, axis: Axis, isLogY = false): Envelope {
  const envelope = new Envelope(line, { axis, columns: SIZE.width, isLogY });
  envelope.extend(line, whole());
  return envelope;
}

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
        const grown = new Envelope(line, { axis, columns: SIZE.width, isLogY: false });
        grown.extend({ ...line, values: values.subarray(0, part) }, whole());
        while (grown.extend(line, new Budget(700)));
        const paths = grown.path(line, Y, SIZE);
        const drawn = [...strokes(paths.line), ...strokes(paths.dots.replaceAll('h0', ''))].flat();
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
        expect(grown.range(line)).toEqual([Math.min(...seen), Math.max(...seen)]);
      },
    ),
    { numRuns: 60 },
  );
});

it('breaks a line at values that are not finite, and remembers their steps', () => {
  const values = Float32Array.of(1, 2, Number.NaN, 3, 4);
  const line = { owner: values, firstStep: 1, values };
  const axis = { min: 0, max: 10, isLog: false };
  const envelope = envelopeOf(line, axis);
  expect(strokes(envelope.path(line, Y, SIZE).line)).toEqual([
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
  const sparse = { owner: values, firstStep: 1, steps: [1, 2, 4, 5], values: [1, 2, 3, 4] };
  expect(strokes(envelopeOf(sparse, axis).path(sparse, Y, SIZE).line)).toHaveLength(1);
});

it('draws values without a neighbour as dots', () => {
  const axis = { min: 0, max: 10, isLog: false };
  const dotsOf = (values: number[]) => {
    const line = { owner: values, firstStep: 1, values };
    return envelopeOf(line, axis).path(line, Y, SIZE);
  };
  expect(dotsOf([5])).toEqual({ line: '', dots: 'M10 90h0' });
  expect(dotsOf([0, 0, Number.NaN, 5, Number.NaN, 0, 0])).toEqual({
    line: 'M10 100L20 100M60 100L70 100',
    dots: 'M40 90h0',
  });
});

it('leaves values of 0 and below out of a log axis, which fits the others', () => {
  const values = [100, -1, 0.5, 0, 2, 4];
  const line = { owner: values, firstStep: 1, values };
  const envelope = envelopeOf(line, { min: 0, max: 10, isLog: false }, true);
  expect(envelope.range(line)).toEqual([0.5, 100]);
  expect(envelope.broken).toEqual([]);
  const y = valueAxis(envelope.range(line) ?? [], true);
  expect(y.min).toBeGreaterThan(0.3);
  const { line: path, dots } = envelope.path(line, y, SIZE);
  expect(strokes(path).map((stroke) => stroke.map(([x]) => x))).toEqual([[50, 60]]);
  expect(dots.match(/M/g)).toHaveLength(2);
});

it('joins no line across a value that is missing outside of the picture', () => {
  const values = [1, Number.NaN, 2, 3, Number.NaN, 4];
  const line = { owner: values, firstStep: 1, values };
  const { line: path } = envelopeOf(line, { min: 3, max: 4, isLog: false }).path(line, Y, SIZE);
  expect(strokes(path)).toEqual([
    [
      [0, 96],
      [100, 94],
    ],
  ]);
});

it('takes in a large line over several drawings', () => {
  const values = Float32Array.from({ length: 1000 }, (_, i) => i);
  const line = { owner: values, firstStep: 1, values };
  const cache = new EnvelopeCache();
  const grid = { axis: { min: 0, max: 1000, isLog: false }, columns: 100, isLogY: false };
  const ends: number[] = [];
  for (let isShort = true; isShort; ) {
    const budget = new Budget(400);
    const envelope = cache.update(new Map([['a', line]]), grid, budget).get('a');
    ends.push(envelope?.range(line)?.[1] ?? Number.NaN);
    ({ isShort } = budget);
  }
  expect(ends).toEqual([399, 799, 999]);
});

it('draws zoomed lines to the edges of the picture, and no others', () => {
  const values = Float32Array.from({ length: 500 }, (_, i) => i % 7);
  const line = { owner: values, firstStep: 1, values };
  const envelope = envelopeOf(line, { min: 101, max: 121, isLog: false });
  const [stroke = []] = strokes(envelope.path(line, Y, SIZE).line);
  expect(stroke.map(([x]) => x)).toEqual(Array.from({ length: 23 }, (_, i) => 5 * (i - 1)));
});

it('takes in only what is new, and begins anew for another line, axis or size', () => {
  const cache = new EnvelopeCache();
  const axis = { min: 0, max: 100, isLog: false };
  const values = new Float32Array(50);
  const owner = {};
  const update = (count: number, over: Partial<LineValues> = {}, at = axis, columns = 100) => {
    const line = { owner, firstStep: 1, values: values.subarray(0, count), ...over };
    const grid = { axis: at, columns, isLogY: false };
    const envelope = cache.update(new Map([['a', line]]), grid).get('a');
    return [envelope, cache.draw('a', line, Y, SIZE).line] as const;
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
  expect(whole[3]).toBeCloseTo((0.9 ** 3 * 4 + 0.9 ** 2 * 2 + 3) / (0.9 ** 3 + 0.9 ** 2 + 1), 5);
  const grown = new Ema(0.9);
  grown.extend(raw.subarray(0, 2));
  expect(Array.from(grown.extend(raw))).toEqual(whole);
  expect(Array.from(new Ema(0).extend(raw))).toEqual(Array.from(raw));
});

it('smooths by the distance in steps, not by the number of rows', () => {
  const sparse = new Ema(0.6).extend([4, 3.1, 3], [0, 50, 100]);
  expect(sparse[1]).toBeCloseTo(3.1, 6);
  const pair = new Ema(0.9).extend([4, 2], [10, 12]);
  expect(pair[1]).toBeCloseTo((0.81 * 4 + 2) / (0.81 + 1), 6);
  const inParts = new Ema(0.9);
  inParts.extend([4, 2], [10, 12], 1);
  expect(Array.from(inParts.extend([4, 2], [10, 12], 1))).toEqual(Array.from(pair));
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

it('places no tick between whole steps', () => {
  expect(ticksOf({ min: 0, max: 2, isLog: false }, 4, 1)).toEqual([0, 1, 2]);
  expect(ticksOf({ min: 1, max: 3, isLog: true }, 6, 1)).toEqual([1, 2]);
});

it('labels ticks so that no two are alike, in little room', () => {
  expect(formatTicks([0, 0.5, 1])).toEqual(['0', '0.5', '1']);
  expect(formatTicks([0, 0.000025, 0.00005])).toEqual(['0', '2.5e-5', '5e-5']);
  expect(formatTicks([1_000_100, 1_000_200])).toEqual(['1.0001M', '1.0002M']);
  fc.assert(
    fc.property(
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.double({ min: 1e-5, max: 1e9, noNaN: true }),
      (min, range) => {
        const ticks = ticksOf({ min, max: min + range, isLog: false }, 4);
        expect(new Set(formatTicks(ticks)).size).toBe(new Set(ticks).size);
      },
    ),
  );
});

it('moves labels apart, and keeps them inside', () => {
  expect(spread([50, 20], 12, 100)).toEqual([50, 20]);
  expect(spread([50, 48], 12, 100)).toEqual([60, 48]);
  expect(spread([98, 97, -5], 12, 100)).toEqual([100, 88, 0]);
});

it('shows small numbers as more than zero', () => {
  expect([0.0001, Math.PI, 0, -0.0002, 123.456].map(formatLoss)).toEqual([
    '1e-4',
    '3.142',
    '0.000',
    '-2e-4',
    '123.5',
  ]);
  expect([formatPercent(0.0001), formatRatio(0.001)]).toEqual(['0.01%', '0.001×']);
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
    isDashed: true,
    owner: values,
    firstStep: 2,
    steps: [2, 1000],
    values: [2.5, 2],
  },
];

it('gives runs of one name lines of their own', () => {
  const runs = ['Run 1', 'Run 1', 'previous run', 'Run 1'].map((name) => ({ name }));
  expect(namesInCharts(runs)).toEqual(['Run 1', 'Run 1 (2)', 'previous run (2)', 'Run 1 (3)']);
});

it('reads a line at its last value, with the place where that stands', () => {
  const [train, validation] = series;
  if (train === undefined || validation === undefined) throw new Error('two series');
  expect([1, 2, 9].map((step) => readAt(validation, step))).toEqual([
    null,
    { value: 2.5, place: 2 },
    { value: 2.5, place: 2 },
  ]);
  expect([0, 1, 2, 9].map((step) => readAt(train, step))).toEqual([
    null,
    { value: 3, place: 1 },
    { value: Number.NaN, place: 2 },
    { value: 1, place: 3 },
  ]);
  expect([1, 2, 3, 9].map((step) => valueAt(train, step))).toEqual([3, Number.NaN, 1, Number.NaN]);
  expect([1, 2, 9].map((step) => valueAt(validation, step))).toEqual([Number.NaN, 2.5, 2.5]);
});

it('reads a stretched line, and one of places of its own', () => {
  const slow: Series = { key: 's', label: 's', color: 'red', owner: values, firstStep: 1, values };
  const third = { ...slow, stretch: 1 / 3 };
  expect([1, 2, 3].map((own) => readAt(third, own / 3)?.value)).toEqual([3, Number.NaN, 1]);
  expect([10, 35, 60].map((at) => valueAt({ ...slow, stretch: 10 }, at))).toEqual([
    3,
    1,
    Number.NaN,
  ]);
  const placed = { ...slow, places: [1000, 2500, 9000], stretch: 0.01 };
  expect(readAt(placed, 30)).toEqual({ value: Number.NaN, place: 25 });
  expect(extentOf([slow, placed])).toEqual([1, 90]);
  expect(extentOf([{ ...slow, values: [] }])).toBeNull();
});

it('exports every value by its own step, and no row without one', () => {
  const [train, validation] = series;
  if (train === undefined || validation === undefined) throw new Error('two series');
  const tokens = { title: 'tokens', at: (i: number) => (i + 1) * 64 };
  const table = [
    ...seriesCsv([
      { ...train, tokens },
      { ...validation, stretch: 3 },
    ]),
  ].join('');
  expect(table).toBe(
    'step,train,tokens,"validation, own"\n1,3,64,\n2,NaN,128,2.5\n3,1,192,\n1000,,,2\n',
  );
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
