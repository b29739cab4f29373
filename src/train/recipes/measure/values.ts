/** Values as results hold them: undefined is null. */
import type { FigureValue } from '../../../analysis/figures/figure.ts';
import type { Measured } from '../../../recipes/measurement.ts';
import type { Measure, MeasuredArray } from '../../../recipes/term.ts';

export const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

export function listOf(values: ArrayLike<number>): MeasuredArray {
  return { shape: [values.length], data: Array.from(values, orNull) };
}

/** In place of what a measurement gives: what it trained came to a loss that is not finite. */
export const DIVERGED: Measured = { diverged: 1 };

/** A value of a figure. */
export function measureOf(value: FigureValue): Measure {
  if (typeof value === 'number') return orNull(value);
  return { shape: value.shape, data: Array.from(value.data, orNull) };
}

/** Last step of each of `parts` equal parts of a run of n steps. */
export function partEnds(n: number, parts: number): number[] {
  return Array.from({ length: parts }, (_, i) => Math.floor(((i + 1) * n) / parts));
}

/** Values of equal axes on top of one another [n, …]; shorter axes are filled with null. */
export function stacked(values: readonly Measure[]): MeasuredArray {
  const arrays = values.map(
    (value): MeasuredArray =>
      typeof value === 'object' && value !== null ? value : { shape: [], data: [value] },
  );
  const axes = Math.max(0, ...arrays.map(({ shape }) => shape.length));
  const shape = Array.from({ length: axes }, (_, axis) =>
    Math.max(0, ...arrays.map((array) => array.shape[axis] ?? 0)),
  );
  const size = shape.reduce((product, length) => product * length, 1);
  const data = arrays.flatMap((array) => filled(array, shape, size));
  return { shape: [values.length, ...shape], data };
}

/** The elements of an array in the places of a larger one. */
function filled(
  { shape, data }: MeasuredArray,
  into: readonly number[],
  size: number,
): (number | null)[] {
  if (shape.every((length, axis) => length === into[axis])) return [...data];
  const all = new Array<number | null>(size).fill(null);
  data.forEach((value, i) => {
    let [rest, place, stride] = [i, 0, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const length = shape[axis] ?? 1;
      place += (rest % length) * stride;
      rest = Math.floor(rest / length);
      stride *= into[axis] ?? 1;
    }
    all[place] = value;
  });
  return all;
}
