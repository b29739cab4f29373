/** A sweep as a person writes it: texts as typed, until they can be read. A link holds the same. */
import { decodeValue, encodeValue } from '../../config/codec.ts';
import type { Experiment, JsonValue } from '../../config/experiment.ts';
import { packText, unpackText } from '../../config/packing.ts';
import { isRecord } from '../../config/paths.ts';
import { decodeLink, encodeLink } from '../../config/permalink.ts';
import { SETTINGS, settingAt } from '../../config/schema.ts';
import { MAX_SEED, type Setting } from '../../config/settings.ts';
import { checkValue } from '../../config/values.ts';
import type { Sweep, SweepAxis, SweepBudget } from '../../recipes/sweep.ts';
import { MAX_VALUES, parseSweep, pointCount } from '../../recipes/sweeps.ts';

/** An axis: values in the letters of links, or a range of numbers. */
export interface AxisPlan {
  path: string;
  kind: 'values' | 'range';
  /** "0.1 0.5 0.75"; "8x32 4x64.z2". */
  values: string;
  min: string;
  max: string;
  count: string;
  scale: 'linear' | 'log';
  draws: boolean;
}

export interface SweepPlan {
  name: string;
  /** Link of the experiment that is swept; '' for the settings of the page. */
  base: string;
  axes: readonly AxisPlan[];
  /** "1 2 3", or "1-3". */
  seeds: string;
  of: SweepBudget['of'];
  amount: string;
}

export const NEW_PLAN: SweepPlan = {
  ...{ name: '', base: '', axes: [], seeds: '1-3', of: 'steps', amount: '300' },
};

/** Settings that can be an axis: seeds have a place of their own, and length is the budget's. */
export const SWEPT: readonly Setting[] = SETTINGS.filter(
  ({ path, badge, kind }) =>
    badge !== 'view' &&
    !path.startsWith('seeds.') &&
    !['optimizer.totalSteps', 'data.epochs'].includes(path) &&
    kind !== 'hash' &&
    kind !== 'events',
);

export function isNumeric({ kind }: Setting): boolean {
  return ['int', 'float', 'nullableInt', 'nullableFloat'].includes(kind);
}

/** An axis to begin with: around the value that the experiment has. */
export function newAxis(setting: Setting, value: JsonValue): AxisPlan {
  const values =
    'options' in setting && setting.options !== undefined
      ? setting.options.map((option) => option.value).join(' ')
      : setting.kind === 'bool'
        ? '0 1'
        : encodeValue(setting, value);
  const number = typeof value === 'number' && value !== 0 ? value : 1;
  const [min, max] = [String(number / 2), String(number * 2)];
  const range = { min, max, count: '3', scale: 'linear' as const, draws: false };
  return { path: setting.path, kind: 'values', values, ...range };
}

/** What keeps a plan from being a sweep, and where: an axis by its place. */
export interface PlanProblem {
  at: number | 'axes' | 'seeds' | 'amount';
  message: string;
}

function valuesIn(setting: Setting, text: string): JsonValue[] {
  const parts = text.split(isNumeric(setting) ? /[\s;,]+/ : /[\s;]+/).filter((part) => part !== '');
  if (parts.length === 0) throw new RangeError(`${setting.label}: name at least one value`);
  if (parts.length > MAX_VALUES)
    throw new RangeError(`${setting.label}: ${parts.length} values; at most ${MAX_VALUES}`);
  const values = parts.map((part) => {
    const checked = checkValue(setting, decodeValue(setting, part));
    if (!checked.ok) throw new RangeError(checked.message);
    return checked.value;
  });
  const doubled = parts.find((part, i) => parts.indexOf(part) !== i);
  if (doubled !== undefined) throw new RangeError(`${setting.label}: ${doubled} stands twice`);
  return values;
}

function numberIn(setting: Setting, name: string, text: string): number {
  const checked = checkValue(setting, text.trim() === '' ? text : Number(text));
  if (!checked.ok || typeof checked.value !== 'number')
    throw new RangeError(checked.ok ? `${setting.label}: ${name} is no number` : checked.message);
  return checked.value;
}

function wholeIn(what: string, text: string, min: number, max: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new RangeError(`${what} ${text || '(empty)'}: a whole number from ${min} to ${max}`);
  return value;
}

function axisOf(plan: AxisPlan): SweepAxis {
  const { path, kind, scale, draws } = plan;
  const setting = settingAt(path);
  if (setting === undefined) throw new RangeError(`“${path}” is not a setting`);
  if (kind === 'values') return { path, values: valuesIn(setting, plan.values) };
  const [min, max] = [numberIn(setting, 'from', plan.min), numberIn(setting, 'to', plan.max)];
  if (!(min < max)) throw new RangeError(`${setting.label}: from ${min} to ${max} is no range`);
  if (scale === 'log' && min <= 0)
    throw new RangeError(`${setting.label}: a logarithmic range begins above 0, not at ${min}`);
  const count = wholeIn(
    `${setting.label}: number of values`,
    plan.count,
    draws ? 1 : 2,
    MAX_VALUES,
  );
  return { path, min, max, count, scale, ...(draws && { draws }) };
}

/** "1 2 5", "1-3" as numbers. */
function seedsIn(text: string): number[] {
  const seeds = text
    .split(/[\s,;]+/)
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [, from, to] = /^(\d+)-(\d+)$/.exec(part) ?? [];
      if (from === undefined || to === undefined) return [wholeIn('Seed', part, 0, MAX_SEED)];
      const [first, last] = [Number(from), Number(to)];
      if (last < first || last - first >= MAX_VALUES)
        throw new RangeError(`Seeds ${part}: a rising range of at most ${MAX_VALUES}`);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
  if (seeds.length === 0) throw new RangeError('Seeds: name at least one');
  const doubled = seeds.find((seed, i) => seeds.indexOf(seed) !== i);
  if (doubled !== undefined) throw new RangeError(`Seed ${doubled} stands twice`);
  return seeds;
}

/** Most of each budget: steps, tokens, FLOPs. */
const MOST: Readonly<Record<SweepBudget['of'], number>> = {
  ...{ steps: 10_000_000, tokens: 1e12, compute: 1e21 },
};

function amountIn({ of, amount }: SweepPlan): number {
  const value = amount.trim() === '' ? Number.NaN : Number(amount);
  if (!(value > 0 && value <= MOST[of]) || (of !== 'compute' && !Number.isInteger(value)))
    throw new RangeError(
      `Length ${amount || '(empty)'}: ${of === 'compute' ? 'FLOPs' : `whole ${of}`} from 1 to ${MOST[of]}`,
    );
  return value;
}

function isDrawn({ kind, draws }: AxisPlan): boolean {
  return kind === 'range' && draws;
}

/**
 * The experiment that a plan sweeps. The page's settings are taken without what an open run added to them:
 * its live changes, which would end what is varied, and the hash of its text.
 */
export function baseOf({ base }: SweepPlan, settings: Experiment): Experiment {
  if (base !== '') return decodeLink(base).experiment;
  return { ...settings, events: [], data: { ...settings.data, hash: null } };
}

/** The sweep of a plan, or everything that keeps it from being one. */
export function sweepOf(
  plan: SweepPlan,
  settings: Experiment,
): { sweep: Sweep | null; problems: readonly PlanProblem[] } {
  const problems: PlanProblem[] = [];
  const read = <T>(at: PlanProblem['at'], work: () => T): T | null => {
    try {
      return work();
    } catch (error) {
      problems.push({ at, message: error instanceof Error ? error.message : String(error) });
      return null;
    }
  };
  const axes = plan.axes.map((axis, i) => read(i, () => axisOf(axis)));
  const doubled = plan.axes.findIndex(({ path }, i) =>
    plan.axes.slice(0, i).some((before) => before.path === path),
  );
  if (doubled >= 0)
    problems.push({ at: doubled, message: `${plan.axes[doubled]?.path} is an axis already` });
  const counts = new Set(plan.axes.filter(isDrawn).map(({ count }) => count.trim()));
  if (counts.size > 1)
    problems.push({
      at: plan.axes.findLastIndex(isDrawn),
      message: `Drawn settings are drawn together: ${[...counts].join(' and ')} values`,
    });
  if (plan.axes.length === 0) problems.push({ at: 'axes', message: 'Choose a setting to vary.' });
  const seeds = read('seeds', () => seedsIn(plan.seeds));
  const amount = read('amount', () => amountIn(plan));
  if (problems.length > 0 || seeds === null || amount === null) return { sweep: null, problems };
  const sweep: Sweep = {
    format: 1,
    ...(plan.name !== '' && { name: plan.name }),
    base: baseOf(plan, settings),
    axes: axes.filter((axis) => axis !== null),
    seeds,
    budget: { of: plan.of, amount },
  };
  return { sweep, problems };
}

/** How many runs a sweep has. */
export function runCount(sweep: Sweep): number {
  return pointCount(sweep) * sweep.seeds.length;
}

/** The plan of a sweep, its experiment in it. */
export function planOf({ name = '', base, axes, seeds, budget }: Sweep): SweepPlan {
  return {
    name,
    base: encodeLink(base),
    axes: axes.map((axis): AxisPlan => {
      const setting = settingAt(axis.path);
      if (setting === undefined) throw new RangeError(`“${axis.path}” is not a setting`);
      if ('values' in axis) {
        const [first = null] = axis.values;
        const values = axis.values.map((value) => encodeValue(setting, value)).join(' ');
        return { ...newAxis(setting, first), values };
      }
      const { min, max, count, scale, draws = false } = axis;
      const numbers = { min: String(min), max: String(max), count: String(count) };
      return { ...newAxis(setting, min), kind: 'range', ...numbers, scale, draws };
    }),
    seeds: seeds.join(' '),
    of: budget.of,
    amount: String(budget.amount),
  };
}

/** Longest plan that is read from a link. */
export const MAX_PLAN = 20_000;

export function encodePlan(plan: SweepPlan): string {
  return packText(JSON.stringify(plan));
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_PLAN;
}

function axisIn(raw: unknown): AxisPlan | null {
  if (!isRecord(raw)) return null;
  const { path, values, min, max, count } = raw;
  if (![path, values, min, max, count].every(isText)) return null;
  return {
    ...({ path, values, min, max, count } as Pick<
      AxisPlan,
      'path' | 'values' | 'min' | 'max' | 'count'
    >),
    kind: raw.kind === 'range' ? 'range' : 'values',
    scale: raw.scale === 'log' ? 'log' : 'linear',
    draws: raw.draws === true,
  };
}

const MAX_AXES = 12;

/** The plan of a link's text; null for any other text. */
export function decodePlan(text: string): SweepPlan | null {
  try {
    const raw: unknown = JSON.parse(unpackText(text));
    if (!isRecord(raw) || !Array.isArray(raw.axes)) return null;
    const { name, base, seeds, of, amount } = raw;
    if (!isText(name) || !isText(base) || !isText(seeds) || !isText(amount)) return null;
    const axes = raw.axes.slice(0, MAX_AXES).map(axisIn);
    if (axes.includes(null)) return null;
    return {
      ...{ name, base, seeds, amount },
      axes: axes.filter((axis) => axis !== null),
      of: of === 'tokens' || of === 'compute' ? of : 'steps',
    };
  } catch {
    return null;
  }
}

/**
 * The plan of a sweep's file.
 * @throws RangeError, naming the file and the reason, for one that holds no sweep
 */
export function planOfFile(name: string, raw: unknown): SweepPlan {
  try {
    return planOf(parseSweep(raw));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RangeError(`${name} is no sweep: ${reason}`, { cause: error });
  }
}
