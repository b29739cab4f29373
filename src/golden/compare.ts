import type { SafeTensor } from '../data/safetensors.ts';
import type { GoldenTensor } from './subject.ts';

export interface Tolerance {
  abs: number;
  rel: number;
}

/** For whole numbers and copies. */
export const EXACT: Tolerance = { abs: 0, rel: 0 };

/** One comparison of a tensor, a scalar or a text. */
export interface Comparison {
  name: string;
  /** Largest absolute difference; infinite when something is missing, not finite or of another shape. */
  error: number;
  /** abs + rel · max |want| */
  allowed: number;
  /** error / allowed: above 1 fails. */
  ratio: number;
  passed: boolean;
  /** The worst element with both values, or what is wrong; empty where nothing differs. */
  detail: string;
}

function verdict(name: string, error: number, allowed: number, detail: string): Comparison {
  const ratio = error === 0 ? 0 : error / allowed;
  return { name, error, allowed, ratio, passed: ratio <= 1, detail };
}

function refused(name: string, detail: string): Comparison {
  return verdict(name, Number.POSITIVE_INFINITY, 0, detail);
}

/** Comparisons by falling share of their tolerance, equal ones in their order. */
export function worstFirst(comparisons: readonly Comparison[]): Comparison[] {
  return [...comparisons].sort((a, b) => (a.ratio === b.ratio ? 0 : b.ratio - a.ratio));
}

/** Equality of texts and lists. */
export function compareText(name: string, got: unknown, want: unknown): Comparison {
  const [gotText, wantText] = [JSON.stringify(got), JSON.stringify(want)];
  return gotText === wantText
    ? verdict(name, 0, 0, '')
    : refused(name, `got ${gotText}, want ${wantText}`);
}

/** A scalar passes when it is finite and |got − want| ≤ abs + rel·|want|. */
export function compareScalar(
  name: string,
  got: number | undefined,
  want: number,
  { abs, rel }: Tolerance,
): Comparison {
  if (got === undefined) return refused(name, `missing, want ${want}`);
  if (!Number.isFinite(got)) return refused(name, `got ${got}, want ${want}`);
  return verdict(
    name,
    Math.abs(got - want),
    abs + rel * Math.abs(want),
    `got ${got}, want ${want}`,
  );
}

/** What fills a prediction that is wider than expected, by the tensor's last word. */
const FILLERS: Readonly<Record<string, number>> = { selected: -1, gates: 0, dropped: 0 };

/**
 * A [T, W'] prediction cut to [T, W], or a sentence when it is of another shape or its surplus
 * columns are not filled with −1 / 0 / 0.
 */
function cutToWidth(
  name: string,
  got: GoldenTensor,
  shape: readonly number[],
): GoldenTensor | string {
  const mismatch = `shape [${got.shape}], want [${shape}]`;
  if (got.shape.length === shape.length && got.shape.every((n, i) => n === shape[i])) return got;
  const filler = FILLERS[name.split('.').at(-1) ?? ''];
  const [T, W] = [shape[0]!, shape[1]!];
  const width = got.shape[1]!;
  const isWider = got.shape.length === 2 && shape.length === 2 && got.shape[0] === T && width > W;
  if (filler === undefined || !isWider) return mismatch;
  const surplus = got.data.findIndex((value, i) => i % width >= W && value !== filler);
  if (surplus >= 0) {
    return `${mismatch}, and element ${surplus} of the surplus is ${got.data[surplus]}, not ${filler}`;
  }
  return { shape, data: got.data.filter((_, i) => i % width < W) };
}

/** "2,5" for element i of a tensor. */
function coordinates(i: number, shape: readonly number[]): string {
  const indices: number[] = [];
  let rest = i;
  for (const n of [...shape].reverse()) {
    indices.unshift(rest % n);
    rest = Math.floor(rest / n);
  }
  return indices.join(',');
}

/**
 * Values of one shape: passes when every element is finite and
 * max |got − want| ≤ abs + rel · max |want|, both maxima over the tensor.
 */
export function compareValues(
  name: string,
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  shape: readonly number[],
  { abs, rel }: Tolerance,
): Comparison {
  if (got.length !== want.length) {
    return refused(name, `${got.length} elements, want ${want.length}`);
  }
  let [error, largest, worst] = [0, 0, 0];
  for (let i = 0; i < got.length; i++) {
    if (!Number.isFinite(got[i])) {
      return refused(name, `[${coordinates(i, shape)}] is ${got[i]}, want ${want[i]}`);
    }
    const difference = Math.abs(got[i]! - want[i]!);
    if (difference > error) [error, worst] = [difference, i];
    largest = Math.max(largest, Math.abs(want[i]!));
  }
  const where = `[${coordinates(worst, shape)}] got ${got[worst]}, want ${want[worst]}`;
  return verdict(name, error, abs + rel * largest, error === 0 ? '' : where);
}

/** The rule of the goldens' README: I32 tensors are equal, F32 tensors within the tolerance. */
export function compareTensors(
  name: string,
  got: GoldenTensor | undefined,
  want: Pick<SafeTensor, 'shape' | 'data'>,
  tolerance: Tolerance,
): Comparison {
  if (got === undefined) return refused(name, 'missing');
  const cut = cutToWidth(name, got, want.shape);
  if (typeof cut === 'string') return refused(name, cut);
  const isWhole = want.data instanceof Int32Array;
  return compareValues(name, cut.data, want.data, want.shape, isWhole ? EXACT : tolerance);
}

/** An array of a figure: of the same shape, undefined in the same places, elsewhere as a tensor. */
export function compareFigure(
  name: string,
  got: unknown,
  want: Pick<SafeTensor, 'shape' | 'data'>,
  tolerance: Tolerance,
): Comparison {
  if (!isTensor(got)) return refused(name, got === undefined ? 'missing' : `got ${got}, no array`);
  if (got.shape.join() !== want.shape.join())
    return refused(name, `shape [${got.shape}], want [${want.shape}]`);
  const differs = got.data.findIndex((x, i) => Number.isNaN(x) !== Number.isNaN(want.data[i]));
  if (differs >= 0) {
    const at = coordinates(differs, want.shape);
    return refused(name, `[${at}] got ${got.data[differs]}, want ${want.data[differs]}`);
  }
  const known = (data: ArrayLike<number>) =>
    Float64Array.from(data, (x) => (Number.isNaN(x) ? 0 : x));
  const isWhole = want.data instanceof Int32Array;
  const allowed = isWhole ? EXACT : tolerance;
  return compareValues(name, known(got.data), known(want.data), want.shape, allowed);
}

function isTensor(value: unknown): value is GoldenTensor {
  return typeof value === 'object' && value !== null && 'shape' in value && 'data' in value;
}

/** A scalar that may be undefined: NaN where null is wanted. */
export function compareUndefined(
  name: string,
  got: unknown,
  want: number | null,
  tolerance: Tolerance,
): Comparison {
  if (typeof got !== 'number') return refused(name, `got ${got}, want ${want}`);
  if (want !== null) return compareScalar(name, got, want, tolerance);
  return Number.isNaN(got) ? verdict(name, 0, 0, '') : refused(name, `got ${got}, want undefined`);
}

/** Largest difference of real numbers in a tree; all else is equal. */
const TREE_TOLERANCE = 1e-9;

/** Every leaf of a tree by its dotted name. */
function leavesOf(tree: unknown, name: string): [string, unknown][] {
  if (typeof tree !== 'object' || tree === null) return [[name, tree]];
  const children = Object.entries(tree);
  // What is empty is a leaf too, so that it can be missing.
  if (children.length === 0) return [[name, Array.isArray(tree) ? '[]' : '{}']];
  return children.flatMap(([key, child]) => leavesOf(child, `${name}.${key}`));
}

/** Trees of texts and numbers: equal, real numbers as far as is allowed, nothing missing or in addition. */
export function compareTree(
  name: string,
  got: unknown,
  want: unknown,
  allowed: (want: number) => number = () => TREE_TOLERANCE,
): Comparison {
  const [found, wanted] = [new Map(leavesOf(got, name)), new Map(leavesOf(want, name))];
  const extra = [...found.keys()].find((key) => !wanted.has(key));
  const leaves = [...wanted].map(([key, value]) => {
    const mine = found.get(key);
    return typeof value === 'number' && typeof mine === 'number'
      ? compareScalar(key, mine, value, { abs: allowed(value), rel: 0 })
      : compareText(key, mine, value);
  });
  const worst = worstFirst([
    ...(extra === undefined ? [] : [refused(extra, 'is in addition')]),
    ...leaves,
  ])[0];
  return worst === undefined || worst.passed ? verdict(name, 0, 0, '') : worst;
}
