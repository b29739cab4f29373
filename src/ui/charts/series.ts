import type { LineValues } from './envelope.ts';

interface Look {
  key: string;
  label: string;
  /** CSS colour. */
  color: string;
  /** Drawn faint, behind its smoothed line. */
  isFaint?: boolean;
  /** Of another run: thin and pale, but to be read. */
  isBehind?: boolean;
  /** Left out of the legend, where others stand for it. */
  isUnlisted?: boolean;
}

export interface Point {
  step: number;
  value: number;
}

/** One line of a chart over steps: a value at every step, or sparse points, joined by dashes. */
export type Series = Look & (({ points?: undefined } & LineValues) | { points: readonly Point[] });

/** A horizontal line at a known value. */
export interface Baseline {
  key: string;
  label: string;
  value: number;
  color: string;
  /** What it means, in a sentence. */
  help: string;
}

/** Value of a line at a step of the axis, NaN where there is none. */
export function valueAt(line: Series, step: number): number {
  if (line.points !== undefined)
    return line.points.find((point) => point.step === step)?.value ?? Number.NaN;
  const { firstStep, values, stretch = 1 } = line;
  const i = step / stretch - firstStep;
  return values[stretch === 1 ? i : Math.round(i)] ?? Number.NaN;
}

/** Value of a line as a readout has it: of a sparse line the last one at or before the step. */
export function readAt(line: Series, step: number): number {
  if (line.points === undefined) return valueAt(line, step);
  return line.points.findLast((point) => point.step <= step)?.value ?? Number.NaN;
}

/** First and last step of the axis that lines with a value at every step reach; null without any. */
export function extentOf(series: readonly Series[]): readonly [first: number, last: number] | null {
  const steps = series.flatMap((line) => {
    if (line.points !== undefined || line.values.length === 0) return [];
    const { firstStep, values, stretch = 1 } = line;
    return [Math.ceil(firstStep * stretch), Math.floor((firstStep + values.length - 1) * stretch)];
  });
  return steps.length === 0 ? null : [Math.min(...steps), Math.max(...steps)];
}
