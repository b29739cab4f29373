/** Values of terms from what one seed measured. */
import type { Effect } from './recipe.ts';
import type { UnitResult } from './result.ts';
import { line } from './statistics/line.ts';
import type { Measure, MeasuredArray, Operation, Read, Summary, Term } from './term.ts';

/** What terms read: the measurements of one seed, and the variants that ran, with those whose runs diverged. */
export interface Readings {
  measured: UnitResult['measured'];
  diverged?: ReadonlySet<string>;
  ran?: ReadonlySet<string>;
}

/** A run or measurement that is not there, or of which nothing was taken: the seed is a gap. */
export class MissingRun extends Error {
  override name = 'MissingRun';
}

/** A run that ended with a loss that is not finite: a finding, not a gap. */
export class DivergedRun extends Error {
  override name = 'DivergedRun';
}

/** What is undefined stays so. */
type Maybe = number | null;

function isArray(value: Measure): value is MeasuredArray {
  return typeof value === 'object' && value !== null;
}

/** The elements of an array, row-major, or the number alone. */
export function listOf(value: Measure): readonly Maybe[] {
  return isArray(value) ? value.data : [value];
}

/** @throws RangeError for an array */
export function numberOf(value: Measure): Maybe {
  if (isArray(value))
    throw new RangeError(`an array [${value.shape}] stands where a number is needed`);
  return value;
}

const list = (data: readonly Maybe[]): MeasuredArray => ({ shape: [data.length], data });

const defined = (value: Maybe): Maybe =>
  value === null || Number.isNaN(value) || !Number.isFinite(value) ? null : value;

function readField({ read, field, of, at = [] }: Read, readings: Readings): Measure {
  const { measured, diverged, ran } = readings;
  if (diverged?.has(of)) throw new DivergedRun(`the run of ${of} diverged`);
  const fields = measured[read]?.[of];
  // What is measured against a run that diverged is not taken of those that did not.
  if (fields === undefined && diverged?.size && ran?.has(of))
    throw new DivergedRun(`${read} of ${of} needs a run that diverged`);
  if (fields === undefined) throw new MissingRun(`no ${read} of ${of}`);
  if (fields.diverged === 1) throw new DivergedRun(`${read} of ${of} diverged`);
  const value = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (value === undefined) throw new RangeError(`${read} of ${of} has no field "${field}"`);
  if (at.length === 0 || !isArray(value)) return value;
  let [start, length] = [0, value.data.length];
  at.forEach((place, axis) => {
    const size = value.shape[axis]!;
    if (size === 0) throw new MissingRun(`nothing was measured of ${read} ${field} of ${of}`);
    const i = place < 0 ? size + place : place;
    if (!(i >= 0 && i < size))
      throw new RangeError(`${read} ${field} of ${of}: place ${place} of ${size}`);
    length /= size;
    start += i * length;
  });
  const shape = value.shape.slice(at.length);
  const data = value.data.slice(start, start + length);
  return shape.length === 0 ? data[0]! : { shape, data };
}

function apply(op: Operation, a: Maybe, b: Maybe): Maybe {
  if (a === null || b === null) return null;
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0 ? null : a / b;
  }
}

function operate(op: Operation, a: Measure, b: Measure): Measure {
  if (!isArray(a) && !isArray(b)) return apply(op, a, b);
  const shape = isArray(a) ? a.shape : isArray(b) ? b.shape : [];
  const length = shape.reduce((product, n) => product * n, 1);
  const [ofA, ofB] = [a, b].map((value) => {
    if (!isArray(value)) return () => value;
    if (value.shape.join() !== shape.join())
      throw new RangeError(`[${value.shape}] does not go with [${shape}]`);
    return (i: number) => value.data[i]!;
  });
  return { shape, data: Array.from({ length }, (_, i) => apply(op, ofA!(i), ofB!(i))) };
}

function summarise(summary: Summary, values: readonly Maybe[], over?: readonly Maybe[]): Maybe {
  const known = values.filter((value) => value !== null);
  switch (summary) {
    case 'first':
      return values[0] ?? null;
    case 'last':
      return values.at(-1) ?? null;
    case 'count':
      return known.length;
    case 'slope':
    case 'intercept': {
      const places = (over ?? values.map((_, i) => i)).filter((place) => place !== null);
      if (known.length < values.length || places.length !== values.length) return null;
      return new Set(places).size < 2 ? null : line(places, known)[summary];
    }
  }
  if (known.length === 0) return null;
  const sum = known.reduce((total, value) => total + value, 0);
  switch (summary) {
    case 'sum':
      return sum;
    case 'mean':
      return sum / known.length;
    case 'min':
      return Math.min(...known);
    case 'max':
      return Math.max(...known);
    case 'spread':
      return Math.max(...known) - Math.min(...known);
  }
}

/** What `of` makes of every row of a matrix. @throws RangeError for any other array */
function byRow(value: Measure, of: (row: readonly Maybe[]) => Maybe): Measure {
  if (!isArray(value) || value.shape.length !== 2)
    throw new RangeError('rows and columns are of a matrix alone');
  const [n, width] = [value.shape[0]!, value.shape[1]!];
  const row = (i: number) => value.data.slice(i * width, (i + 1) * width);
  return list(Array.from({ length: n }, (_, i) => of(row(i))));
}

/** Points of a curve that are defined, by rising x. */
function curveOf(x: readonly Maybe[], y: readonly Maybe[]): [number, number][] {
  if (x.length !== y.length) throw new RangeError(`${x.length} x for ${y.length} y`);
  const points = x.flatMap((at, i): [number, number][] => {
    const value = y[i]!;
    return at === null || value === null ? [] : [[at, value]];
  });
  return points.sort(([a], [b]) => a - b);
}

function between(curve: readonly [number, number][], x: Maybe): Maybe {
  if (x === null) return null;
  const exact = curve.find(([at]) => at === x);
  if (exact !== undefined) return exact[1];
  const i = curve.findIndex(([at]) => at > x);
  if (i <= 0) return null;
  const [[x0, y0], [x1, y1]] = [curve[i - 1]!, curve[i]!];
  return y0 + ((x - x0) / (x1 - x0)) * (y1 - y0);
}

function firstReach(curve: readonly [number, number][], target: Maybe): Maybe {
  if (target === null) return null;
  const i = curve.findIndex(([, y]) => y <= target);
  if (i < 0) return null;
  const [x1, y1] = curve[i]!;
  if (i === 0 || y1 === target) return x1;
  const [x0, y0] = curve[i - 1]!;
  return x0 + ((y0 - target) / (y0 - y1)) * (x1 - x0);
}

function weightedMean(values: readonly Maybe[], weights: readonly Maybe[]): Maybe {
  if (values.length !== weights.length)
    throw new RangeError(`${weights.length} weights for ${values.length} values`);
  let [sum, weight] = [0, 0];
  values.forEach((value, i) => {
    const w = weights[i]!;
    if (value === null || w === null || w === 0) return;
    sum += value * w;
    weight += w;
  });
  return weight === 0 ? null : sum / weight;
}

function evaluateCurve(
  term: Extract<Term, object>,
  lists: (of: Term) => readonly Maybe[],
): Measure | undefined {
  if ('interpolate' in term) {
    const curve = curveOf(lists(term.interpolate.x), lists(term.interpolate.y));
    return list(lists(term.x).map((x) => between(curve, x)));
  }
  if ('reach' in term) {
    const [curve, target] = [curveOf(lists(term.x), lists(term.y)), lists(term.reach)[0]!];
    const at = firstReach(curve, target);
    const isUnreached = at === null && target !== null && curve.length > 0;
    return isUnreached && term.never !== undefined ? lists(term.never)[0]! : at;
  }
  if ('argmin' in term) {
    const values = lists(term.argmin);
    const known = values.filter((value) => value !== null);
    return known.length < values.length ? null : known.indexOf(Math.min(...known));
  }
  if ('same' in term) {
    const values = lists(term.same);
    if (values.includes(null)) return null;
    return values.every((value) => value === values[0]) ? 1 : 0;
  }
  return undefined;
}

/**
 * The value of a term for one seed.
 * @throws MissingRun, DivergedRun; RangeError for a field that is not there or shapes that do not fit
 */
export function evaluate(term: Term, readings: Readings): Measure {
  const of = (inner: Term) => evaluate(inner, readings);
  const lists = (inner: Term) => listOf(of(inner));
  if (typeof term === 'number') return term;
  if ('read' in term) return readField(term, readings);
  if ('list' in term) return list(term.list.map((item) => numberOf(of(item))));
  if ('op' in term) return operate(term.op, of(term.left), of(term.right));
  if ('rows' in term) return byRow(of(term.of), (row) => summarise(term.rows, row));
  if ('column' in term) return byRow(of(term.of), (row) => row[term.column] ?? null);
  if ('part' in term) return list(lists(term.part).slice(term.from, term.to));
  if ('weighted' in term) return weightedMean(lists(term.weighted), lists(term.by));
  if ('summary' in term) {
    const over = term.over === undefined ? undefined : lists(term.over);
    return defined(summarise(term.summary, lists(term.of), over));
  }
  if ('above' in term) {
    const value = of(term.of);
    const isAbove = (x: Maybe) => (x === null || x > term.above ? 1 : 0);
    return isArray(value) ? { ...value, data: value.data.map(isAbove) } : isAbove(value);
  }
  const curve = evaluateCurve(term, lists);
  if (curve === undefined) throw new RangeError(`unknown term ${JSON.stringify(term)}`);
  return curve;
}

/** Every field that a term, or an effect with all its terms, reads. */
export function readsOf(of: Term | Effect): Read[] {
  const readsIn = (part: unknown): Read[] => {
    if (typeof part !== 'object' || part === null) return [];
    return 'read' in part ? [part as Read] : Object.values(part).flatMap(readsIn);
  };
  return readsIn(of);
}
