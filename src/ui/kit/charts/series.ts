import { lastAtOrBefore } from '../../../state/curve.ts';
import { type LineValues, placeOf } from './envelope.ts';

interface Look {
  /** Its title in an exported table. */
  key: string;
  label: string;
  /** Name of a kept run, with which its label begins. */
  run?: string;
  /** CSS colour. */
  color: string;
  /** Drawn faint, behind its smoothed line. */
  isFaint?: boolean;
  /** Of another run: thin and pale, but to be read. */
  isBehind?: boolean;
  /** Dashed, its values shown as dots. */
  isDashed?: boolean;
  /** Dash that stands for its run, as SVG writes it. */
  dash?: string;
  /** Left out of the legend, where others stand for it. */
  isUnlisted?: boolean;
  /** Made of another line's values. */
  isDerived?: boolean;
  /** NaN among its values is undefined, not a number that broke. */
  hasUndefined?: boolean;
  /** Tokens seen at its i-th value, for an exported table; absent where nobody knows. */
  tokens?: { title: string; at: (i: number) => number };
}

/** One line of a chart over steps. */
export type Series = Look & LineValues;

/** A horizontal line at a known value. */
export interface Baseline {
  key: string;
  label: string;
  value: number;
  color: string;
  /** What it means, in a sentence. */
  help: string;
}

/** A value of a line and where it stands on the axis. */
export interface Reading {
  value: number;
  place: number;
}

/** Step of the i-th value of a line. */
export function stepAt({ steps, firstStep }: Series, i: number): number {
  return steps?.[i] ?? firstStep + i;
}

/** Index of the last value at or before a place, −1 where there is none. */
export function indexAt(line: Series, place: number): number {
  const { values, steps, places, stretch = 1, firstStep } = line;
  // A place that was made of a step is found again in spite of rounding.
  const own = (place / stretch) * (1 + 1e-12);
  const rising = places ?? steps;
  if (rising !== undefined) return lastAtOrBefore(rising, values.length, own);
  return Math.max(-1, Math.min(values.length - 1, Math.floor(own - firstStep)));
}

/** The last value of a line at or before a place of the axis; null where there is none. */
export function readAt(line: Series, place: number): Reading | null {
  const i = indexAt(line, place);
  return i < 0 ? null : { value: line.values[i]!, place: placeOf(line, i) };
}

/** Whether a reading belongs to another step than the one asked for. */
export function isEarlier({ stretch = 1 }: Series, reading: Reading, place: number): boolean {
  return place - reading.place > Math.max(0.5, stretch) * (1 - 1e-9);
}

/**
 * Value of a line as the legend has it: of a sparse line the last one, of a line with a value at
 * every step only its own; NaN where there is none.
 */
export function valueAt(line: Series, place: number): number {
  const reading = readAt(line, place);
  if (reading === null) return Number.NaN;
  const isDense = line.steps === undefined && line.places === undefined;
  return isDense && isEarlier(line, reading, place) ? Number.NaN : reading.value;
}

/** First and last place of the axis that lines reach; null without any. */
export function extentOf(series: readonly Series[]): readonly [first: number, last: number] | null {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const line of series) {
    const n = line.values.length;
    if (n === 0) continue;
    first = Math.min(first, Math.floor(placeOf(line, 0)));
    last = Math.max(last, Math.ceil(placeOf(line, n - 1) - 1e-9));
  }
  return first > last ? null : [first, last];
}
