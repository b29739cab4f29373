/**
 * What effects and figures are made of: measured fields put together by a few operations, as data, so
 * that a page can print what was computed and a file can hold it. `evaluate.ts` gives their values.
 */

/** A measured field of a variant. */
export interface Read {
  /** Id of the measurement. */
  read: string;
  /** Field of what it gives, as measurement.ts lists them. */
  field: string;
  /** Id of the variant. */
  of: string;
  /** Place along the slowest axes: what is left of the field keeps its other axes. */
  at?: readonly number[];
}

/** Elementwise; a number goes with every element of a list. Division by 0 is undefined. */
export type Operation = '+' | '-' | '*' | '/';

/**
 * Of a list, or of all elements of an array. `slope`, `intercept`: of the least-squares line over its places
 * or over `over`; `spread`: largest − smallest; what is undefined is left out of sum, mean, min, max and spread,
 * and makes a line undefined.
 */
export type Summary =
  | 'sum'
  | 'mean'
  | 'min'
  | 'max'
  | 'spread'
  | 'slope'
  | 'intercept'
  | 'first'
  | 'last'
  | 'count';

export type Term =
  | number
  | Read
  | { list: readonly Term[] }
  | { op: Operation; left: Term; right: Term }
  | { summary: Summary; of: Term; over?: Term }
  /** The summary of every row of a matrix: one element per place along its slowest axis. */
  | { rows: Summary; of: Term }
  /** Element `column` of every row of a matrix. */
  | { column: number; of: Term }
  /** Places of a list, counted from 0; negative ones from its end. */
  | { part: Term; from: number; to?: number }
  /** Elements of the list above a threshold, 1, the others 0; an undefined element counts as above. */
  | { above: number; of: Term }
  /** Weighted mean of a list. */
  | { weighted: Term; by: Term }
  /** First x at which a curve is at or below a value, linear between its points; `never`, or undefined, if it is not. */
  | { reach: Term; x: Term; y: Term; never?: Term }
  /** y of a curve at each `x`, linear between its neighbours in order of x; undefined outside. */
  | { interpolate: { x: Term; y: Term }; x: Term }
  /** Place of the smallest of a list, ties to the first; undefined where an element is. */
  | { argmin: Term }
  /** 1 where all elements of the list are equal, else 0. */
  | { same: Term };

/** A number, or an array with its axes, row-major; null where undefined. */
export type Measure = number | null | MeasuredArray;

export interface MeasuredArray {
  shape: readonly number[];
  data: readonly (number | null)[];
}
