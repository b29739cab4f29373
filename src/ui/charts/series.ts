import { minMaxIndices } from './downsample.ts';
import type { Axis } from './scale.ts';

/** One line of a chart over steps. */
export interface Series {
  key: string;
  label: string;
  /** CSS colour. */
  color: string;
  /** Value at a step, NaN where there is none. */
  at(step: number): number;
  /** Drawn faint, behind its smoothed line. */
  isFaint?: boolean;
  /** Of another run: thin and pale, but to be read. */
  isBehind?: boolean;
  /** Left out of the legend, where others stand for it. */
  isUnlisted?: boolean;
  /** Sparse points: dashed line with dots. */
  points?: readonly { step: number; value: number }[];
  /** Steps of a line that may reach further than the others. */
  ownSteps?: Steps;
}

/** A horizontal line at a known value. */
export interface Baseline {
  key: string;
  label: string;
  value: number;
  color: string;
  /** What it means, in a sentence. */
  help: string;
}

export type ChartRow = { step: number } & Record<string, number | null>;

/** Values of consecutive steps from `firstStep`. */
export interface Steps {
  firstStep: number;
  /** The values whose extremes are kept in drawing. */
  values: ArrayLike<number>;
}

/** Value of a line as a readout has it: of a sparse line the last one at or before the step. */
export function readAt(line: Series, step: number): number {
  if (line.points === undefined) return line.at(step);
  return line.points.findLast((point) => point.step <= step)?.value ?? Number.NaN;
}

/** Rows to draw: at most four per bucket, extremes of `steps` kept, every sparse point in. */
export function chartRows(
  series: readonly Series[],
  steps: Steps,
  axis: Axis,
  buckets: number,
): ChartRow[] {
  const wanted = new Set(
    [steps, ...series.flatMap(({ ownSteps }) => ownSteps ?? [])].flatMap(({ values, firstStep }) =>
      minMaxIndices(values, firstStep, axis, buckets).map((i) => i + firstStep),
    ),
  );
  for (const { points } of series) {
    for (const { step } of points ?? []) {
      if (step >= axis.min && step <= axis.max) wanted.add(step);
    }
  }
  return [...wanted]
    .sort((a, b) => a - b)
    .map((step) => {
      const row: ChartRow = { step };
      for (const line of series) {
        const value = line.at(step);
        row[line.key] = Number.isFinite(value) ? value : null;
      }
      return row;
    });
}

/** Steps with a value that is not finite, a few at most: they get a marker of their own. */
export function brokenSteps({ firstStep, values }: Steps): number[] {
  const broken: number[] = [];
  for (let i = values.length - 1; i >= 0 && broken.length < 8; i--) {
    if (!Number.isFinite(values[i]!)) broken.push(firstStep + i);
  }
  return broken;
}
