/** What a sweep found, point by point: means over seeds with their intervals. */
import type { FigureFormat } from '../../../analysis/figures/figure.ts';
import { getPath } from '../../../config/edit.ts';
import type { Experiment } from '../../../config/experiment.ts';
import { causalNote } from '../../../config/generation.ts';
import { settingAt } from '../../../config/schema.ts';
import { RESOURCES_HELD } from '../../../recipes/recipe.ts';
import { ALPHA, tTwoSided } from '../../../recipes/statistics/distributions.ts';
import { FEWEST_SEEDS } from '../../../recipes/statistics/seeds.ts';
import type { SweepResult, SweepRun } from '../../../recipes/sweep.ts';
import type { FigureTable } from '../../kit/figure/table.ts';
import { describeValue, labelOf } from '../../kit/values.ts';

/** A number that every run has: a metric at the end, or a resource. */
export interface Quantity {
  id: string;
  label: string;
  format: FigureFormat;
  of(run: SweepRun): number;
}

const METRICS: Readonly<Record<string, readonly [label: string, format: FigureFormat]>> = {
  ce: ['validation loss, nats', 'nats'],
  bitsPerCharacter: ['bits per character', 'bits'],
  trainingCe: ['training loss of the last part, nats', 'nats'],
  computing: ['computing experts per token', 'decimal'],
  maxVio: ['MaxVio', 'decimal'],
  dropped: ['share dropped', 'percent'],
};

const RESOURCES: Readonly<Record<string, string>> = {
  N: 'parameters N',
  Na: 'active parameters Na',
  C: 'training compute C, FLOPs',
  D: 'tokens D',
  flops: 'active FLOPs of all steps',
  realised: 'realised FLOPs of all steps',
};

const numberOf = (value: number | null | undefined) => value ?? Number.NaN;

/** Which points have validation losses that look at later tokens; '' where none has. */
export function causalSentence({ runs }: SweepResult): string {
  const not = runs.filter(({ run }) => causalNote(run.experiment) !== '');
  const points = [...new Set(not.map(({ point }) => point + 1))].sort((a, b) => a - b);
  return points.length === 0 ? '' : ` Validation is not causal at point ${points.join(', ')}.`;
}

/** Metrics in the order in which runs have them, losses first. */
export function metricsOf({ runs }: SweepResult): Quantity[] {
  const names = new Set(['ce', ...runs.flatMap(({ metrics }) => Object.keys(metrics))]);
  return [...names].map((id) => {
    const [label, format] = METRICS[id] ?? [id, 'units'];
    return { id, label, format, of: ({ metrics }) => numberOf(metrics[id]) };
  });
}

export const RESOURCE_QUANTITIES: readonly Quantity[] = [
  ...RESOURCES_HELD.map((id): Quantity => {
    const of = ({ run }: SweepRun) => run.resources[id];
    return { id, label: RESOURCES[id] ?? id, format: 'units', of };
  }),
  {
    ...{ id: 'realised', label: RESOURCES.realised ?? '', format: 'units' },
    of: ({ run }) => numberOf(run.realisedFlops),
  },
];

/** A value of an axis, as it is read and as it is placed. */
export interface AxisValue {
  text: string;
  /** NaN where it is no number. */
  number: number;
}

function axisValue(experiment: Experiment, path: string): AxisValue {
  const setting = settingAt(path);
  const value = getPath(experiment, path) ?? null;
  const text = setting === undefined ? String(value) : describeValue(setting, value);
  return { text, number: typeof value === 'number' ? value : Number.NaN };
}

export interface Point {
  /** By path of the axis. */
  values: ReadonlyMap<string, AxisValue>;
  runs: readonly SweepRun[];
}

/** Points that have a run, in order; diverged runs are none of them. */
export function pointsOf({ sweep, runs }: SweepResult): Point[] {
  const places = [...new Set(runs.map(({ point }) => point))].sort((a, b) => a - b);
  return places.flatMap((place): Point[] => {
    const own = runs.filter(({ point, run }) => point === place && run.diverged === null);
    const [first] = own;
    if (first === undefined) return [];
    const values = sweep.axes.map(
      ({ path }) => [path, axisValue(first.run.experiment, path)] as const,
    );
    return [{ values: new Map(values), runs: own }];
  });
}

export interface Mean {
  mean: number;
  /** Deviation of the sample; NaN of one. */
  s: number;
  /** Of 95 %; undefined for fewer than three, as in verdicts. */
  interval: readonly [low: number, high: number] | undefined;
  values: readonly number[];
}

/** Over the seeds of a point. */
export function meanOf({ runs }: Point, { of }: Quantity): Mean {
  const values = runs.map(of).filter(Number.isFinite);
  const n = values.length;
  const mean = n === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, s: Number.NaN, interval: undefined, values };
  const s = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  if (n < FEWEST_SEEDS) return { mean, s, interval: undefined, values };
  const half = (tTwoSided(ALPHA, n - 1) * s) / Math.sqrt(n);
  return { mean, s, interval: [mean - half, mean + half], values };
}

/** "K 2, lr 0.001" of some axes of a point. */
export function pointName({ values }: Point, paths: readonly string[]): string {
  return paths
    .map((path) => `${settingAt(path)?.symbol ?? labelOf(path)} ${values.get(path)?.text ?? ''}`)
    .join(', ');
}

/** Everything of all points: axes, seeds, metrics with their deviations, resources. */
export function sweepTable(result: SweepResult): FigureTable {
  const paths = result.sweep.axes.map(({ path }) => path);
  const metrics = metricsOf(result);
  return {
    columns: [
      ...paths.map((path) => ({ title: labelOf(path) })),
      { title: 'seeds', format: 'count' as const },
      ...metrics.flatMap(({ label, format }) => [
        { title: label, format },
        { title: `${label}: deviation`, format },
      ]),
      ...RESOURCE_QUANTITIES.map(({ label, format }) => ({ title: label, format })),
    ],
    rows: pointsOf(result).map((point) => [
      ...paths.map((path) => point.values.get(path)?.text ?? ''),
      point.runs.length,
      ...metrics.flatMap((metric) => {
        const { mean, s } = meanOf(point, metric);
        return [mean, s];
      }),
      ...RESOURCE_QUANTITIES.map((quantity) => meanOf(point, quantity).mean),
    ]),
  };
}
