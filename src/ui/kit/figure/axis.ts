/** Axes of figures, from pixels to values and back. */
import type { FigureFormat } from '../../../analysis/figures/figure.ts';
import { position, ticksOf, valueAtPosition, valueAxis } from '../charts/scale.ts';
import { formatTicks } from '../format.ts';
import { minus } from './formats.ts';

export interface FigureAxisPx {
  min: number;
  max: number;
  /** Pixels of the least and the most value. */
  from: number;
  to: number;
  /** Whether equal factors lie equally far apart; values are above 0 then. */
  isLog?: boolean;
}

export function pixelAt(axis: FigureAxisPx, value: number): number {
  const { min, max, from, to, isLog = false } = axis;
  if (isLog) return from + position({ min, max, isLog }, Math.max(value, min)) * (to - from);
  return from + ((value - min) / (max - min || 1)) * (to - from);
}

export function valueAtPixel(axis: FigureAxisPx, px: number): number {
  const { min, max, from, to, isLog = false } = axis;
  if (isLog) return valueAtPosition({ min, max, isLog }, (px - from) / (to - from || 1));
  return min + ((px - from) / (to - from || 1)) * (max - min);
}

/** Least and most of an axis that begins at 0 and holds all values, with air where values are. */
export function spanFromZero(values: Iterable<number>): readonly [min: number, max: number] {
  let [min, max] = [0, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return min === 0 && max === 0 ? [0, 1] : [min * 1.08, max * 1.08];
}

/** Least and most of an axis around some values. */
export function spanAround(values: Iterable<number>): readonly [min: number, max: number] {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  if (min > max) return [0, 1];
  const air = (max - min) * 0.05 || Math.abs(max) * 0.1 || 1;
  return [min >= 0 ? Math.max(0, min - air) : min - air, max + air];
}

/**
 * Least and most of an axis around some values and their spreads; logarithmic where that is asked for and
 * all values are above 0. What of a spread is not, ends at the axis.
 */
export function axisAround(
  values: readonly number[],
  spreads: readonly number[],
  isLog = false,
): Pick<FigureAxisPx, 'min' | 'max' | 'isLog'> {
  const finite = values.filter(Number.isFinite);
  if (isLog && finite.length > 0 && finite.every((value) => value > 0))
    return valueAxis([...finite, ...spreads], true);
  const [min, max] = spanAround([...values, ...spreads]);
  return { min, max };
}

export interface FigureTick {
  value: number;
  at: number;
  text: string;
}

/** Round values of an axis with their labels, about one per `room` pixels. */
export function figureTicks(axis: FigureAxisPx, format: FigureFormat, room = 64): FigureTick[] {
  const { min, max, from, to, isLog = false } = axis;
  const count = Math.max(2, Math.floor(Math.abs(to - from) / room));
  const isWhole = format === 'count' || format === 'index';
  const values = ticksOf({ min, max, isLog }, count, isWhole ? 1 : 0);
  const plain = format === 'percent' ? values.map((value) => 100 * value) : values;
  const texts = formatTicks(plain);
  const unit = format === 'percent' ? '%' : format === 'ratio' ? '×' : '';
  return values.map((value, i) => ({
    value,
    at: pixelAt(axis, value),
    text: minus(`${texts[i]}${unit}`),
  }));
}
