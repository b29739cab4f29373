/** Sweeps: what a file may say, the experiments that follow, results put together. */
import { leastVocabulary } from '../accounting/needs.ts';
import { paperCounts } from '../accounting/parameters.ts';
import { checkConstraints } from '../config/constraints.ts';
import { applyChange, engineConfig, sameValue } from '../config/edit.ts';
import type { Change, Experiment, JsonValue } from '../config/experiment.ts';
import { fnv1a, uniform } from '../config/hash.ts';
import { parseExperiment } from '../config/parse.ts';
import { isRecord } from '../config/paths.ts';
import { counted } from '../config/plural.ts';
import { settingAt } from '../config/schema.ts';
import { MAX_SEED, MAX_STEPS } from '../config/settings.ts';
import { checkValue, show } from '../config/values.ts';
import { canonical, digestOf } from './canonical.ts';
import {
  MAX_SWEEP_RUNS,
  type Sweep,
  type SweepAxis,
  type SweepBudget,
  type SweepPoint,
} from './sweep.ts';

/** Most values of one axis. */
export const MAX_VALUES = 100;
/** Lengths that a sweep sets itself, from its budget. */
const OWN_PATHS = ['seeds.init', 'seeds.data', 'seeds.drop', 'optimizer.totalSteps'];

/** Kinds of settings that may have a range. */
const WHOLE_KINDS: readonly string[] = ['int', 'nullableInt'];
const NUMBER_KINDS: readonly string[] = [...WHOLE_KINDS, 'float', 'nullableFloat'];

class Problems {
  readonly list: string[] = [];

  add(message: string): null {
    this.list.push(message);
    return null;
  }
}

const isCount = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most;

type RangeAxis = Extract<SweepAxis, { min: number }>;

function parseRange(
  raw: Record<string, unknown>,
  path: string,
  problems: Problems,
): RangeAxis | null {
  const { min, max, count, scale = 'linear', draws = false } = raw;
  const kind = settingAt(path)?.kind ?? '';
  if (!NUMBER_KINDS.includes(kind)) return problems.add(`${path} is no number: give its values`);
  if (
    typeof min !== 'number' ||
    typeof max !== 'number' ||
    !Number.isFinite(min) ||
    !Number.isFinite(max) ||
    !(min < max)
  )
    return problems.add(`${path}: min ${show(min)} must be a number below max ${show(max)}`);
  if (!isCount(count, MAX_VALUES) || (count < 2 && draws !== true))
    return problems.add(
      `${path}: count ${show(count)} must be a whole number from ${draws === true ? 1 : 2} to ${MAX_VALUES}`,
    );
  if (scale !== 'linear' && scale !== 'log')
    return problems.add(`${path}: scale ${show(scale)} must be linear or log`);
  if (scale === 'log' && min <= 0)
    return problems.add(`${path}: min ${min} must be above 0 on a log scale`);
  if (typeof draws !== 'boolean')
    return problems.add(`${path}: draws ${show(draws)} must be true or false`);
  return { path, min, max, count, scale, draws };
}

function parseAxis(raw: unknown, problems: Problems): SweepAxis | null {
  if (!isRecord(raw) || typeof raw.path !== 'string')
    return problems.add(`axis ${show(raw)} must be an object with a path`);
  const { path, values } = raw;
  const setting = settingAt(path);
  if (setting === undefined) return problems.add(`${show(path)} is not a setting`);
  if (OWN_PATHS.includes(path))
    return problems.add(`${path} follows from the sweep’s seeds or budget; it cannot be an axis`);
  const axis = values === undefined ? parseRange(raw, path, problems) : { path, values };
  if (axis === null) return null;
  if (
    'values' in axis &&
    (!Array.isArray(axis.values) || axis.values.length === 0 || axis.values.length > MAX_VALUES)
  )
    return problems.add(`${path}: values must be a list of 1 to ${MAX_VALUES}`);
  const all = 'values' in axis ? (axis.values as unknown[]) : axisValues(axis);
  const checked = all.map((value) => checkValue(setting, value));
  for (const one of checked) if (!one.ok) problems.add(`${path}: ${one.message}`);
  const taken = checked.flatMap((one) => (one.ok ? [one.value] : []));
  const twice = taken.find((value, i) => taken.findIndex((other) => sameValue(other, value)) < i);
  if (twice !== undefined && !('draws' in axis && axis.draws))
    problems.add(`${path}: the value ${show(twice)} is there twice`);
  return 'values' in axis ? { path, values: taken } : axis;
}

function parseBudget(raw: unknown, problems: Problems): SweepBudget | null {
  const { of, amount } = isRecord(raw) ? raw : {};
  if (of !== 'steps' && of !== 'tokens' && of !== 'compute')
    return problems.add(`budget of ${show(of)} must be of steps, tokens or compute`);
  if (typeof amount !== 'number' || !(amount >= 1) || !Number.isFinite(amount))
    return problems.add(`budget amount ${show(amount)} must be a number from 1`);
  return { of, amount };
}

function parseSeeds(raw: unknown, problems: Problems): number[] | null {
  const isSeed = (seed: unknown): seed is number =>
    typeof seed === 'number' && Number.isInteger(seed) && seed >= 0 && seed <= MAX_SEED;
  if (
    !Array.isArray(raw) ||
    raw.length === 0 ||
    !raw.every(isSeed) ||
    new Set(raw).size < raw.length
  )
    return problems.add(
      `seeds ${show(raw)} must be a list of different whole numbers from 0 to ${MAX_SEED}`,
    );
  return [...raw];
}

/** Axes that may stand together. */
function checkAxes(axes: readonly SweepAxis[], problems: Problems): void {
  const paths = axes.map(({ path }) => path);
  const twice = paths.find((path, i) => paths.indexOf(path) < i);
  if (twice !== undefined) problems.add(`${twice} is an axis twice`);
  const counts = new Set(
    axes.flatMap((axis) => ('draws' in axis && axis.draws ? [axis.count] : [])),
  );
  if (counts.size > 1)
    problems.add(
      `drawn axes have the counts ${[...counts].join(', ')}; they are drawn together and need one`,
    );
}

/** @throws RangeError for more points or runs than one sweep may have */
function checkCount(n: number, noun: string): void {
  if (n > MAX_SWEEP_RUNS)
    throw new RangeError(`sweep: ${counted(n, noun)}; at most ${MAX_SWEEP_RUNS} are allowed`);
}

/**
 * The sweep of results, whose seeds may be those of several calls. Its points are no more than a call
 * may have runs: each call runs every point.
 * @throws RangeError that names everything that is wrong
 */
export function parseMergedSweep(json: unknown): Sweep {
  const problems = new Problems();
  const raw = isRecord(json) ? json : {};
  if (raw.format !== 1)
    problems.add(`format ${show(raw.format)} cannot be read; this program reads 1`);
  if (raw.name !== undefined && typeof raw.name !== 'string')
    problems.add(`name ${show(raw.name)} is no text`);
  const base = parseExperiment(isRecord(raw.base) ? { version: 1, ...raw.base } : raw.base);
  for (const { path, message, severity } of base.problems)
    if (severity === 'error') problems.add(`base${path === '' ? '' : `.${path}`}: ${message}`);
  const list = Array.isArray(raw.axes) ? raw.axes : [];
  if (!Array.isArray(raw.axes)) problems.add(`axes ${show(raw.axes)} must be a list`);
  const axes = list.flatMap((axis) => parseAxis(axis, problems) ?? []);
  checkAxes(axes, problems);
  const seeds = parseSeeds(raw.seeds, problems);
  const budget = parseBudget(raw.budget, problems);
  if (problems.list.length > 0 || seeds === null || budget === null)
    throw new RangeError(`sweep: ${problems.list.join('; ')}`);
  const name = typeof raw.name === 'string' ? { name: raw.name } : {};
  const sweep: Sweep = { format: 1, ...name, base: base.experiment, axes, seeds, budget };
  checkCount(pointCount(sweep), 'point');
  return sweep;
}

/** A sweep to run from anything. @throws RangeError that names everything that is wrong */
export function parseSweep(json: unknown): Sweep {
  const sweep = parseMergedSweep(json);
  checkCount(pointCount(sweep) * sweep.seeds.length, 'run');
  return sweep;
}

/** Whole where the setting is; else as it comes. */
function rounded(path: string, value: number): number {
  return WHOLE_KINDS.includes(settingAt(path)?.kind ?? '') ? Math.round(value) : value;
}

/** Values of a range: evenly spaced, or drawn; the same for the same axis. */
function axisValues({ path, min, max, count, scale, draws = false }: RangeAxis): number[] {
  return Array.from({ length: count }, (_, i) => {
    const part = draws ? uniform(fnv1a(path), i) : i / (count - 1);
    // The ends are exact.
    if (part === 0 || part === 1) return rounded(path, part === 0 ? min : max);
    const value = scale === 'log' ? min * (max / min) ** part : min + part * (max - min);
    return rounded(path, value);
  });
}

const valuesOf = (axis: SweepAxis): readonly JsonValue[] =>
  'values' in axis ? axis.values : axisValues(axis);
const isDrawn = (axis: SweepAxis): boolean => 'draws' in axis && axis.draws === true;

/** Number of points: the grid's times the draws. */
export function pointCount({ axes }: Pick<Sweep, 'axes'>): number {
  const grid = axes.filter((axis) => !isDrawn(axis));
  const drawn = axes.find(isDrawn);
  const size = grid.reduce((product, axis) => product * valuesOf(axis).length, 1);
  return size * (drawn === undefined ? 1 : valuesOf(drawn).length);
}

/** Values of every point in order of the axes; the last axis changes first, draws last of all. */
function combinations(axes: readonly SweepAxis[]): JsonValue[][] {
  const drawn = axes.filter(isDrawn).map(valuesOf);
  const draws = drawn[0]?.length ?? 1;
  let rows: JsonValue[][] = [[]];
  for (const axis of axes) {
    if (isDrawn(axis)) continue;
    rows = rows.flatMap((row) => valuesOf(axis).map((value) => [...row, value]));
  }
  return rows.flatMap((row) =>
    Array.from({ length: draws }, (_, draw) => {
      const grid = [...row];
      const own = drawn.map((values) => values[draw]!);
      return axes.map((axis) => (isDrawn(axis) ? own.shift()! : grid.shift()!));
    }),
  );
}

/** Steps that a budget is, in fractions. */
function wantedSteps(experiment: Experiment, { of, amount }: SweepBudget): number {
  const tokens = experiment.batch.B * experiment.batch.S;
  const config = engineConfig(experiment, leastVocabulary(experiment));
  return amount / { steps: 1, tokens, compute: 3 * paperCounts(config).M * tokens }[of];
}

function stepsOf(experiment: Experiment, budget: SweepBudget): number {
  return Math.min(MAX_STEPS, Math.max(1, Math.round(wantedSteps(experiment, budget))));
}

/** The base with the values and the budget's length; the warm-up keeps its share. */
function pointExperiment({ base, axes, budget }: Sweep, values: readonly JsonValue[]): Experiment {
  const change: Change = Object.fromEntries(axes.map(({ path }, i) => [path, values[i]!]));
  const shape = applyChange(base, change);
  const totalSteps = stepsOf(shape, budget);
  const share = base.optimizer.warmup / base.optimizer.totalSteps;
  const warmup = Object.hasOwn(change, 'optimizer.warmup')
    ? shape.optimizer.warmup
    : Math.round(share * totalSteps);
  return applyChange(shape, { 'optimizer.totalSteps': totalSteps, 'optimizer.warmup': warmup });
}

/** All points of a sweep, with the base's seeds. */
export function sweepPoints(sweep: Sweep): SweepPoint[] {
  return combinations(sweep.axes).map((values) => ({
    values,
    experiment: pointExperiment(sweep, values),
  }));
}

/** The experiment of a point's run. */
export function sweepExperiment({ experiment }: SweepPoint, seed: number): Experiment {
  return applyChange(experiment, { 'seeds.init': seed, 'seeds.data': seed, 'seeds.drop': seed });
}

const BUDGET_WORDS = { steps: 'steps', tokens: 'tokens', compute: 'FLOPs of training' } as const;

/** Points whose length the budget does not give: less than half a step, or more steps than a run may have. */
export function lengthProblems({ budget }: Sweep, points: readonly SweepPoint[]) {
  return points.flatMap(({ experiment }, point) => {
    const steps = wantedSteps(experiment, budget);
    if (steps >= 0.5 && steps < MAX_STEPS + 0.5) return [];
    const said = `${budget.amount} ${BUDGET_WORDS[budget.of]} are ${Number(steps.toPrecision(3))} steps`;
    return [{ point, message: `${said}; a run has 1 to ${MAX_STEPS}` }];
  });
}

/** Why points cannot be run: rules across settings that they break. */
export function sweepProblems(points: readonly SweepPoint[]): { point: number; message: string }[] {
  return points.flatMap(({ experiment }, point) =>
    checkConstraints(experiment)
      .filter(({ severity }) => severity === 'error')
      .map(({ message }) => ({ point, message })),
  );
}

/** What runs must agree in to be of one sweep: all but its name and its seeds. */
export function sweepDigest({ base, axes, budget }: Sweep): string {
  return digestOf({ base, axes, budget });
}

/** Whether two sweeps are of the same points. */
export function sameSweep(a: Sweep, b: Sweep): boolean {
  return canonical({ ...a, name: '', seeds: [] }) === canonical({ ...b, name: '', seeds: [] });
}
