/** Where bars are: in groups beside each other, or stacked, of either sign, in both directions. */

import type { FigureAxisPx } from './axis.ts';
import { pixelAt, spanFromZero } from './axis.ts';
import type { CellPlace } from './cursor.ts';
import type { Box, Hatch } from './hatch.ts';
import { type Label, leftOf, titleLines } from './label.ts';
import type { Span } from './sharedSpan.ts';

/** Bars of a series that look otherwise, named in the key. */
export interface MarkedBars {
  label: string;
  color: string;
  pattern?: Hatch | undefined;
  categories: readonly number[];
}

export interface BarSeries {
  label: string;
  color: string;
  values: readonly (number | null)[];
  pattern?: Hatch | undefined;
  marked?: readonly MarkedBars[] | undefined;
}

export interface BarGroups {
  categories: readonly Label[];
  series: readonly BarSeries[];
  stacked?: boolean | undefined;
  direction?: 'horizontal' | 'vertical' | undefined;
  /** Where the bars should end, of every category or of each. */
  ideal?: number | ((category: number) => number) | undefined;
  /** What the values are: a title of their axis. */
  quantity?: string | undefined;
  /** What the categories are: a title of the axis that upright bars stand on. */
  along?: string | undefined;
}

/** From where to where a bar goes, in values; null where it has none. */
export type Extent = readonly [from: number, to: number];

/** Extents of all bars [category][series]: stacked ones begin where those of their sign end. */
export function barExtents({
  categories,
  series,
  stacked = false,
}: BarGroups): (Extent | null)[][] {
  return categories.map((_, c) => {
    let [above, below] = [0, 0];
    return series.map(({ values }): Extent | null => {
      const value = values[c] ?? Number.NaN;
      if (!Number.isFinite(value)) return null;
      if (!stacked) return [0, value];
      if (value < 0) {
        below += value;
        return [below - value, below];
      }
      above += value;
      return [above - value, above];
    });
  });
}

/** How a bar looks: as its series, or as what it is marked with. */
export function faceOf(series: BarSeries, category: number): BarSeries | MarkedBars {
  return series.marked?.find(({ categories }) => categories.includes(category)) ?? series;
}

export function idealOf({ ideal }: BarGroups, category: number): number | null {
  if (ideal === undefined) return null;
  return typeof ideal === 'number' ? ideal : ideal(category);
}

export interface BarPlan {
  isHorizontal: boolean;
  axis: FigureAxisPx;
  /** Where the categories begin, and what one takes, in pixels along their axis. */
  first: number;
  band: number;
  /** Across the categories' axis, where the drawing begins and ends. */
  left: number;
  top: number;
  right: number;
  bottom: number;
  height: number;
  extents: readonly (readonly (Extent | null)[])[];
}

const BAND_PX = { least: 18, bar: 13, most: 40 } as const;
const VERTICAL_PX = 190;
/** Height of a line of an axis' title. */
export const TITLE_PX = 14;
/** Room behind a horizontal bar for its number. */
const NUMBER_PX = 46;

/** Least and most of the axis that holds all bars, and where they should end. */
export function barSpan(groups: BarGroups): Span {
  const ideals = groups.categories.map((_, c) => idealOf(groups, c) ?? 0);
  const ends = barExtents(groups).flat();
  return spanFromZero([...ends.flatMap((extent) => extent?.slice(1) ?? []), ...ideals]);
}

export interface BarRoom {
  width: number;
  keyHeight: number;
  /** Pixels of the longest number below 0. */
  lowPx?: number;
  /** Least and most of the axis, where it is not that of these bars. */
  span?: Span;
}

export function barPlan(
  groups: BarGroups,
  { width, keyHeight, lowPx = 0, span = barSpan(groups) }: BarRoom,
): BarPlan {
  const { categories, series, stacked = false, direction = 'horizontal' } = groups;
  const extents = barExtents(groups);
  const [min, max] = span;
  const count = Math.max(1, categories.length);
  const top = keyHeight + 4;
  const below = direction === 'horizontal' ? groups.quantity : groups.along;
  const belowPx = below === undefined ? 0 : TITLE_PX * titleLines(below, width).length;
  if (direction === 'horizontal') {
    const bars = stacked ? 1 : Math.max(1, series.length);
    const band = Math.max(BAND_PX.least, bars * BAND_PX.bar + 6);
    const left = leftOf(categories, width);
    const right = Math.max(left + 20, width - NUMBER_PX);
    const bottom = top + count * band;
    const axis = {
      min,
      max,
      from: left + (min < 0 ? Math.max(NUMBER_PX, lowPx + 4) : 0),
      to: right,
    };
    return {
      ...{ isHorizontal: true, axis, first: top, band, left, top, right, bottom, extents },
      height: bottom + 22 + belowPx,
    };
  }
  const upper = top + (groups.quantity === undefined ? 0 : TITLE_PX) + 10;
  const [left, right, bottom] = [46, width - 6, upper + VERTICAL_PX];
  return {
    isHorizontal: false,
    axis: { min, max, from: bottom, to: upper },
    first: left,
    band: (right - left) / count,
    ...{ left, top, right, bottom, extents },
    height: bottom + 22 + belowPx,
  };
}

/** The bar of a category (row) and series (column); null where there is none. */
export function barBox(plan: BarPlan, groups: BarGroups, at: CellPlace): Box | null {
  const extent = plan.extents[at.row]?.[at.column] ?? null;
  if (extent === null) return null;
  const { start, size } = across(plan, groups, at);
  const [a, b] = extent.map((value) => pixelAt(plan.axis, value)) as [number, number];
  const along = { start: Math.min(a, b), size: Math.max(Math.abs(b - a), 0.5) };
  return plan.isHorizontal
    ? { x: along.start, width: along.size, y: start, height: size }
    : { x: start, width: size, y: along.start, height: along.size };
}

/** Where a bar would begin that has no value. */
export function noBar(plan: BarPlan, groups: BarGroups, at: CellPlace): Box {
  const { start, size } = across(plan, groups, at);
  const zero = pixelAt(plan.axis, 0);
  return plan.isHorizontal
    ? { x: zero, y: start, width: 0, height: size }
    : { x: start, y: zero, width: size, height: 0 };
}

/** Where a bar stands on the categories' axis. */
export function across(plan: BarPlan, { series, stacked }: BarGroups, { row, column }: CellPlace) {
  const pad = Math.min(6, plan.band * 0.2);
  const bars = stacked ? 1 : Math.max(1, series.length);
  const size = Math.min(BAND_PX.most, (plan.band - pad) / bars);
  const inset = (plan.band - bars * size) / 2;
  const start = plan.first + row * plan.band + inset + (stacked ? 0 : column * size);
  return { start, size: size - (bars > 1 && size > 4 ? 1 : 0) };
}

/** The bar at a point, or the one of its category that is nearest; null beside all of them. */
export function barAt(plan: BarPlan, groups: BarGroups, x: number, y: number): CellPlace | null {
  const at = plan.isHorizontal ? y : x;
  const row = Math.floor((at - plan.first) / plan.band);
  if (row < 0 || row >= groups.categories.length) return null;
  const along = plan.isHorizontal ? x : y;
  let [best, distance] = [0, Number.POSITIVE_INFINITY];
  for (const column of groups.series.keys()) {
    const { start, size } = across(plan, groups, { row, column });
    const box = barBox(plan, groups, { row, column });
    const [from, length] = groups.stacked
      ? box === null
        ? [Number.POSITIVE_INFINITY, 0]
        : plan.isHorizontal
          ? [box.x, box.width]
          : [box.y, box.height]
      : [start, size];
    const point = groups.stacked ? along : at;
    const away = Math.max(0, from - point, point - from - length);
    if (away < distance) [best, distance] = [column, away];
  }
  return { row, column: best };
}
