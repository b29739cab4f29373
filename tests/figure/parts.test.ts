/** What figures are made of: tables, scales, layouts, texts. */
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ratioColor } from '../../src/ui/kit/diverging.ts';
import { axisAround, figureTicks, pixelAt, valueAtPixel } from '../../src/ui/kit/figure/axis.ts';
import { barAt, barBox, barExtents, barPlan } from '../../src/ui/kit/figure/barsLayout.ts';
import { captionText, wrapped } from '../../src/ui/kit/figure/caption.ts';
import { FIGURE_KEYS, movedCell } from '../../src/ui/kit/figure/cursor.ts';
import { tipPlace } from '../../src/ui/kit/figure/FigureTip.tsx';
import { formatTight, formatValue } from '../../src/ui/kit/figure/formats.ts';
import { binHeights } from '../../src/ui/kit/figure/Histogram.tsx';
import { hatchPath } from '../../src/ui/kit/figure/hatch.ts';
import {
  cellAt,
  cellBox,
  type HeatCells,
  heatGrid,
  heatPaths,
  heatValues,
} from '../../src/ui/kit/figure/heat.ts';
import {
  fittedLabel,
  labelStep,
  labelWidth,
  longLabel,
  titleLines,
  titleWidth,
} from '../../src/ui/kit/figure/label.ts';
import { movedLine } from '../../src/ui/kit/figure/QuantileLines.tsx';
import {
  CATEGORIES,
  categoryLook,
  scaleOf,
  sequentialColor,
} from '../../src/ui/kit/figure/scales.ts';
import { cellText, tableCsv } from '../../src/ui/kit/figure/table.ts';
import { textOf } from '../support/sourceTree.ts';
import { contrast, luminance, type Rgb, seenDistances } from '../support/vision.ts';

const THEMES = ['light', 'dark'] as const;

describe('the table', () => {
  const columns = [{ title: 'slot, kind' }, { title: 'load', format: 'ratio' as const }];

  it('is a file with all digits, where nothing is an empty cell', () => {
    const rows = [
      ['E “1”', 1 / 3],
      ['a,b "c"\nd', null],
      [' ', Number.NaN],
      ['', -0.1],
    ];
    const csv = tableCsv({ columns, rows });
    expect(parse(csv)).toEqual([
      ['slot, kind', 'load'],
      ['E “1”', '0.3333333333333333'],
      ['a,b "c"\nd', ''],
      [' ', ''],
      ['', '-0.1'],
    ]);
  });

  it('comes back from its file as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.double({ noNaN: true }))), (rows) => {
        const [, ...read] = parse(tableCsv({ columns, rows }), { record_delimiter: '\n' });
        expect(read).toEqual(rows.map(([name, value]) => [name, String(value)]));
      }),
    );
  });

  it('is read in the words of its columns', () => {
    expect(cellText(0.25, 'percent')).toBe('25.0%');
    expect([cellText(null), cellText(Number.NaN, 'ratio'), cellText('x')]).toEqual(['–', '–', 'x']);
  });
});

it('writes numbers in little room, and only 0 as 0', () => {
  const texts = [0, 0.4567, -0.4567, 1.234, 12.34, 1234, 123_456, 0.001, -2e-5];
  expect(texts.map((value) => formatTight(value, 'decimal'))).toEqual([
    '0',
    '.46',
    '−.46',
    '1.2',
    '12',
    '1234',
    '120K',
    '1e−3',
    '−2e−5',
  ]);
  expect(formatTight(0.123, 'percent')).toBe('12');
  expect(formatTight(Number.NaN, 'percent')).toBe('');
  expect(formatValue(-0.5, 'decimal')).toBe('−0.500');
});

describe('scales', () => {
  it.each(THEMES)('%s: more is ever farther from the surface', (theme) => {
    const steps = Array.from({ length: 101 }, (_, i) => luminance(sequentialColor(i / 100, theme)));
    for (const [i, now] of steps.entries())
      if (i > 0) expect(theme === 'light' ? steps[i - 1]! > now : steps[i - 1]! < now).toBe(true);
    expect(Math.max(...steps) - Math.min(...steps)).toBeGreaterThan(0.7);
  });

  it('have 1 or 0 in their middle where they go both ways, and the span of their values', () => {
    const signed = scaleOf('signed', [-1, 3, Number.NaN], 'light');
    expect(signed.ends).toEqual([-3, 0, 3]);
    expect([-9, -3, 0, 3].map(signed.position)).toEqual([0, 0, 0.5, 1]);
    const ratio = scaleOf('ratio', [100], 'dark');
    expect(ratio.color(ratio.position(1))).toEqual(ratioColor(1, 'dark'));
    expect(scaleOf('sequential', [2, 5], 'light').ends).toEqual([0, 2.5, 5]);
    expect(scaleOf('sequential', [2, 5], 'light', [0, 10]).position(5)).toBe(0.5);
    for (const color of ['sequential', 'signed'] as const) {
      const empty = scaleOf(color, [], 'light');
      expect(empty.position(0)).toBe(color === 'signed' ? 0.5 : 0);
    }
  });

  const sheet = textOf('src/ui/kit/figure/figure.css');
  const hexes = [...sheet.matchAll(/--figure-\d: #(\w{6});/g)].map(([, hex = '']) => hex);
  const rgb = (hex: string): Rgb =>
    [0, 2, 4].map((i) => Number.parseInt(hex.slice(i, i + 2), 16)) as unknown as Rgb;

  it.each(THEMES)('%s: categories differ for every kind of colour vision', (theme) => {
    expect(hexes).toHaveLength(2 * CATEGORIES);
    const own = hexes
      .slice(theme === 'light' ? 0 : CATEGORIES)
      .slice(0, CATEGORIES)
      .map(rgb);
    const surface = rgb(theme === 'light' ? 'ffffff' : '151a20');
    for (const color of own) expect(contrast(color, surface)).toBeGreaterThan(3);
    for (const [vision, distance] of seenDistances(own))
      expect(distance, vision).toBeGreaterThan(14);
    // Orange and olive of the same lightness are one colour without red cones.
    const alike = seenDistances([rgb('c85200'), rgb('8a6d00')]);
    expect(Math.min(...alike.map(([, distance]) => distance))).toBeLessThan(14);
  });

  it('give each of 32 categories a look of its own', () => {
    const looks = Array.from({ length: 32 }, (_, i) => categoryLook(i));
    const seen = (of: (i: number) => unknown) =>
      new Set(looks.map((_, i) => JSON.stringify(of(i))));
    expect(seen((i) => [looks[i]!.color, looks[i]!.dash]).size).toBe(32);
    expect(seen((i) => [looks[i]!.color, looks[i]!.pattern]).size).toBe(32);
  });
});

it('hatches within the box, in straight strokes', () => {
  const size = fc.double({ min: 0.5, max: 90, noNaN: true });
  fc.assert(
    fc.property(
      size,
      size,
      fc.constantFrom('rising', 'falling', 'cross'),
      (width, height, hatch) => {
        const path = hatchPath({ x: 10, y: 20, width, height }, hatch as 'cross', 4);
        const points = [...path.matchAll(/[ML](\S+?) ([\d.-]+)/g)].map(([, x, y]) => [+x!, +y!]);
        for (const [x = 0, y = 0] of points) {
          expect(x).toBeGreaterThanOrEqual(10 - 0.01);
          expect(x).toBeLessThanOrEqual(10 + width + 0.01);
          expect(y).toBeGreaterThanOrEqual(20 - 0.01);
          expect(y).toBeLessThanOrEqual(20 + height + 0.01);
        }
      },
    ),
  );
  expect(hatchPath({ x: 0, y: 0, width: 0, height: 5 }, 'cross')).toBe('');
});

describe('a heat map', () => {
  const names = (n: number) => Array.from({ length: n }, (_, i) => String(i));
  const cells: HeatCells = {
    rows: names(64),
    columns: names(128),
    value: (r, c) => (r === 5 && c === 7 ? null : (r * 131 + c * 17) % 100),
    mark: (r, c) => (r === 6 ? 'dead' : c === 3 && r === 9 ? 'none' : null),
    format: 'decimal',
  };
  const grid = heatGrid(cells, 900);
  const scale = scaleOf('sequential', heatValues(cells), 'light');
  const boxes = (path: string) => path.split('z').length - 1;

  it('draws every cell once, in few paths', () => {
    const { faces, dead, none, texts } = heatPaths(cells, grid, scale);
    expect(faces.length).toBeLessThanOrEqual(64);
    expect(boxes(dead[0])).toBe(128);
    expect(boxes(none[0])).toBe(2);
    const coloured = faces.reduce((sum, { path }) => sum + boxes(path), 0);
    expect(coloured).toBe(64 * 128 - 128 - 2);
    expect(texts).toEqual([]);
    expect(grid.left + 128 * grid.cell.width).toBeLessThanOrEqual(900);
  });

  it('finds the cell under every point of it', () => {
    for (const at of [
      { row: 0, column: 0 },
      { row: 63, column: 127 },
      { row: 20, column: 64 },
    ]) {
      const { x, y, width, height } = cellBox(grid, at);
      expect(cellAt(grid, cells, x + width / 2, y + height / 2)).toEqual(at);
    }
    expect(cellAt(grid, cells, grid.left - 1, grid.top + 5)).toBeNull();
    expect(cellAt(grid, cells, 890, grid.bottom + 1)).toBeNull();
  });

  it('writes numbers where they fit', () => {
    const few = { ...cells, rows: names(8), columns: names(16) };
    const { texts } = heatPaths(few, heatGrid(few, 900), scale);
    // All but the two without a value, whose hatching says so.
    expect(texts).toHaveLength(8 * 16 - 1);
    expect(texts[1]).toMatchObject({ text: '17' });
  });
});

describe('bars', () => {
  const series = [
    { label: 'a', color: 'red', values: [1, -2, null] },
    { label: 'b', color: 'blue', values: [3, -1, Number.NaN] },
    { label: 'c', color: 'green', values: [-1, 4, 2] },
  ];
  const groups = { categories: ['x', 'y', 'z'], series };

  it('is logarithmic around values above 0 alone, and ends spreads that are not', () => {
    const log = axisAround([1e9, 1e12], [-5], true);
    expect(log).toMatchObject({ isLog: true, min: expect.closeTo(1e9 / 1e3 ** 0.06, 0) });
    const drawn = { ...log, from: 0, to: 100 };
    expect(pixelAt(drawn, Math.sqrt(1e21))).toBeCloseTo(50);
    expect(pixelAt(drawn, -5)).toBe(0);
    expect(axisAround([0, 1], [], true).isLog).toBeUndefined();
    expect(axisAround([1, 10], []).isLog).toBeUndefined();
  });

  it('stack what is above and what is below apart', () => {
    expect(barExtents({ ...groups, stacked: true })).toEqual([
      [
        [0, 1],
        [1, 4],
        [0, -1],
      ],
      [
        [0, -2],
        [-2, -3],
        [0, 4],
      ],
      [null, null, [0, 2]],
    ]);
    expect(barExtents(groups)[1]).toEqual([
      [0, -2],
      [0, -1],
      [0, 4],
    ]);
  });

  it.each([
    ['horizontal', false],
    ['horizontal', true],
    ['vertical', false],
    ['vertical', true],
  ] as const)(
    '%s, stacked %s: lie in the drawing and are found under the pointer',
    (direction, stacked) => {
      const all = { ...groups, direction, stacked, ideal: 9 };
      const plan = barPlan(all, { width: 500, keyHeight: 20 });
      for (let row = 0; row < 3; row++) {
        for (let column = 0; column < 3; column++) {
          const box = barBox(plan, all, { row, column });
          if (box === null) continue;
          expect(box.x).toBeGreaterThanOrEqual(plan.left - 0.01);
          expect(box.x + box.width).toBeLessThanOrEqual(plan.right + 0.01);
          expect(box.y).toBeGreaterThanOrEqual(plan.top - 0.01);
          expect(box.y + box.height).toBeLessThanOrEqual(plan.bottom + 0.01);
          const middle = [box.x + box.width / 2, box.y + box.height / 2] as const;
          expect(barAt(plan, all, ...middle)).toEqual({ row, column });
        }
      }
      expect(barAt(plan, all, plan.left + 1, plan.bottom + 9)?.row ?? null).toBe(
        direction === 'vertical' ? 0 : null,
      );
      expect(plan.axis.max).toBeGreaterThan(9);
    },
  );
});

it('cuts names to their room, and leaves out what has none', () => {
  expect(fittedLabel({ label: 'constant', short: 'c' }, 200)).toBe('constant');
  expect(fittedLabel({ label: 'constant', short: 'c' }, 20)).toBe('c');
  const long = 'dialogue of two people';
  expect(labelWidth(fittedLabel(long, 80))).toBeLessThanOrEqual(80);
  expect(fittedLabel(long, 80)).toMatch(/^dialogue.*…$/);
  expect(fittedLabel('long', 10)).toBe('');
  expect(longLabel({ label: 'E₃', title: 'expert 3' })).toBe('expert 3');
  expect([labelStep(30, 20), labelStep(7, 20), labelStep(0, 20) > 1e6]).toEqual([1, 4, true]);
});

it('breaks the title of an axis between words, and gives its lines room', () => {
  const title = 'share of an id’s tokens that its most frequent slot gets';
  const lines = titleLines(title, 200);
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.join(' ')).toBe(title);
  for (const line of lines) expect(titleWidth(line)).toBeLessThanOrEqual(200);
  expect(titleLines(title, 900)).toEqual([title]);
  expect(titleLines('unbreakable', 5)).toEqual(['unbreakable']);
  const one = { categories: ['a'], series: [{ label: 'b', color: '', values: [1] }] };
  const heightOf = (width: number) =>
    barPlan({ ...one, quantity: title }, { width, keyHeight: 0 }).height;
  expect(heightOf(200) - heightOf(900)).toBe(14 * (lines.length - 1));
});

it('tells what the numbers of a heat map are beside its scale, or below where that is too narrow', () => {
  const cells = { rows: ['a'], columns: ['b'], value: () => 1, format: 'decimal' } as const;
  const grid = (width: number) => heatGrid({ ...cells, quantity: 'load / ideal = r' }, width);
  expect([grid(300).isToldBelow, grid(240).isToldBelow]).toEqual([false, true]);
  expect(grid(240).height).toBeGreaterThan(grid(300).height);
});

it('has ticks on its axis, and a place for every pixel', () => {
  const axis = { min: 0, max: 0.5, from: 40, to: 440 };
  const ticks = figureTicks(axis, 'percent');
  expect(ticks.map(({ text }) => text)).toContain('20%');
  for (const { at, value } of ticks) expect(valueAtPixel(axis, at)).toBeCloseTo(value, 12);
  expect(pixelAt(axis, 0.25)).toBe(240);
  const whole = figureTicks({ min: 0, max: 2, from: 0, to: 900 }, 'count');
  expect(whole.map(({ value }) => value)).toEqual([0, 1, 2]);
  expect(figureTicks({ min: -1, max: 0, from: 0, to: 99 }, 'decimal')[0]?.text).toBe('−1');
});

it('shows bins as parts of their sum', () => {
  const one = { label: '', counts: [1, 3, 0] };
  expect(binHeights(one, true)).toEqual([0.25, 0.75, 0]);
  expect(binHeights(one, false)).toEqual([1, 3, 0]);
  expect(binHeights({ label: '', counts: [0, 0] }, true)).toEqual([0, 0]);
});

describe('keys', () => {
  it('move the cursor, and never out of the figure', () => {
    const keys = FIGURE_KEYS.flatMap(({ keys }) => keys);
    const place = fc.record({ row: fc.nat(4), column: fc.nat(6) });
    fc.assert(
      fc.property(place, fc.constantFrom(...keys), (at, key) => {
        const to = movedCell(key, at, 5, 7);
        expect(to?.row).toBeGreaterThanOrEqual(0);
        expect(to?.row).toBeLessThan(5);
        expect(to?.column).toBeGreaterThanOrEqual(0);
        expect(to?.column).toBeLessThan(7);
      }),
    );
    const at = { row: 2, column: 3 };
    expect(movedCell('ArrowDown', at, 5, 7)).toEqual({ row: 3, column: 3 });
    expect(movedCell('End', at, 5, 7)).toEqual({ row: 2, column: 6 });
    expect(movedCell('PageUp', at, 5, 7)).toEqual({ row: 0, column: 3 });
    expect(movedCell('a', at, 5, 7)).toBeNull();
  });

  it('move a quantile by hundredths and tenths, to its ends', () => {
    const axis = { min: 0, max: 2, from: 0, to: 100 };
    const to = (key: string, at = 1) => movedLine(key, at, axis);
    expect(to('ArrowRight')).toBeCloseTo(1.02, 12);
    expect(to('PageDown')).toBeCloseTo(0.8, 12);
    expect([to('Home'), to('End'), to('ArrowUp', 2), to('x')]).toEqual([0, 2, 2, null]);
  });
});

it('puts tips on the side with more room', () => {
  const page = { width: 400, height: 600 };
  const box = { x: 20, y: 30, width: 10, height: 10 };
  expect(tipPlace(box, page)).toEqual({ top: 46, left: 20 });
  expect(tipPlace({ ...box, x: 380, y: 550 }, page)).toEqual({ bottom: 56, right: 10 });
});

describe('captions', () => {
  it('end with where the experiments are', () => {
    const links = [{ name: '', href: 'https://x/#v=1' }];
    expect(captionText('Load', 'Largest 1.2×', links)).toBe(
      'Load. Largest 1.2×. Experiment: https://x/#v=1',
    );
    const two = [
      { name: 'a', href: 'A' },
      { name: 'b', href: 'B' },
    ];
    expect(captionText('Load?', '', two)).toBe('Load? Experiments: a: A b: B');
    expect(captionText('Load', 'Two.', [])).toBe('Load. Two.');
  });

  it('are broken into lines with nothing lost', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 200 }),
        fc.integer({ min: 1, max: 40 }),
        (text, letters) => {
          const lines = wrapped(text, letters);
          for (const line of lines) expect(line.length).toBeLessThanOrEqual(letters);
          expect(lines.join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
        },
      ),
    );
    expect(wrapped('one two three', 7)).toEqual(['one two', 'three']);
  });
});
