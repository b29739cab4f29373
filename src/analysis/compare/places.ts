/** Where the steps of a run stand on the axes that runs are compared along. */
import type { RunCurves, RunRow, Series } from '../../runs/record.ts';
import { ownStart } from '../seams.ts';
import type { RunRouting } from './routing.ts';
import { flopsAt, type RunAccounting } from './spaces.ts';

export const X_UNITS = ['steps', 'tokens', 'flops', 'realised', 'seconds'] as const;
export type XUnit = (typeof X_UNITS)[number];

export interface XUnitRow {
  id: XUnit;
  label: string;
  /** As it stands behind a number; '' where it stands before it. */
  unit: string;
  help: string;
}

export const X_UNIT_ROWS: readonly XUnitRow[] = [
  { id: 'steps', label: 'steps', unit: '', help: 'Optimiser steps' },
  { id: 'tokens', label: 'tokens', unit: 'tokens', help: 'Training tokens seen' },
  {
    id: 'flops',
    label: 'FLOPs',
    unit: 'FLOP',
    help: 'FLOPs of all steps so far, as if the router spread its choices evenly',
  },
  {
    id: 'realised',
    label: 'realised FLOPs',
    unit: 'FLOP',
    help: 'FLOPs of all steps so far over the routing that was recorded: dropped assignments and slots without matrices cost nothing',
  },
  {
    id: 'seconds',
    label: 'seconds',
    unit: 's',
    help: 'Time spent training, spread evenly over the run’s own steps; a fork begins at 0',
  },
];

/** A run as comparison reads it; what is not read yet, or not known, is null. */
export interface ComparedRun {
  row: RunRow;
  curves: RunCurves | null;
  accounting: RunAccounting | null;
  routing: RunRouting | null;
}

/** The place of any step of a run, rising. `perStep`: where they are evenly spaced from 0. */
export interface Placing {
  perStep: number | null;
  at(step: number): number;
}

const evenly = (perStep: number): Placing => ({ perStep, at: (step) => step * perStep });

/** Step of the i-th value. */
export function stepOf({ firstStep, steps }: Omit<Series, 'values'>, i: number): number {
  return steps === null ? firstStep + i : steps[i]!;
}

/** A value between those known at rising steps: linear, from 0 at step 0, with the last slope beyond. */
export function interpolated(
  steps: ArrayLike<number>,
  values: ArrayLike<number>,
): (step: number) => number {
  const n = steps.length;
  return (step) => {
    let [low, high] = [0, n];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (steps[middle]! <= step) low = middle + 1;
      else high = middle;
    }
    const point = (k: number): readonly [number, number] =>
      k < 0 ? [0, 0] : [steps[k]!, values[k]!];
    const [before, after] = low < n ? [point(low - 1), point(low)] : [point(n - 2), point(n - 1)];
    const slope = after[0] === before[0] ? 0 : (after[1] - before[1]) / (after[0] - before[0]);
    return before[1] + slope * (step - before[0]);
  };
}

function alongSeries(series: Series): Placing {
  const steps = Array.from(series.values, (_, i) => stepOf(series, i));
  return { perStep: null, at: interpolated(steps, series.values) };
}

function tokensOf({ row, curves }: ComparedRun): Placing | null {
  const { tokens } = curves ?? {};
  if (tokens !== undefined && tokens.values.length > 0) return alongSeries(tokens);
  return row.tokensPerStep === null ? null : evenly(row.tokensPerStep);
}

function flopsOf(accounting: RunAccounting): Placing {
  const [first, ...later] = accounting.stretches;
  const isEven = later.every(({ flopsPerStep }) => flopsPerStep === first.flopsPerStep);
  if (isEven) return evenly(first.flopsPerStep);
  return { perStep: null, at: (step) => flopsAt(accounting, step) };
}

/** Its own time over its own steps: those before a fork took none of it. */
function secondsOf(row: RunRow): Placing | null {
  const start = ownStart(row);
  const own = row.steps - start;
  if (own <= 0 || !(row.seconds > 0)) return null;
  const perStep = row.seconds / own;
  if (start === 0) return evenly(perStep);
  return { perStep: null, at: (step) => Math.max(0, step - start) * perStep };
}

/** Where a run's steps stand on an axis; null where nobody knows. */
export function placingOf(run: ComparedRun, unit: XUnit): Placing | null {
  const { row, accounting, routing } = run;
  switch (unit) {
    case 'steps':
      return evenly(1);
    case 'tokens':
      return tokensOf(run);
    case 'flops':
      return accounting && flopsOf(accounting);
    case 'realised': {
      if (routing === null) return null;
      const { steps, flops } = routing.realised;
      return { perStep: null, at: interpolated(steps, flops) };
    }
    case 'seconds':
      return secondsOf(row);
  }
}

/** The last step of a run that stands at or before a place of an axis. */
export function stepAtPlace({ perStep, at }: Placing, place: number, steps: number): number {
  // A place that was made of a step is found again in spite of rounding.
  const reached = place * (1 + 1e-12);
  if (perStep !== null) return Math.floor(reached / perStep);
  let [low, high] = [0, steps];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (at(middle) <= reached) low = middle;
    else high = middle - 1;
  }
  return low;
}
