import type { FigureTensor } from '../../../analysis/figures/figure.ts';

/** Element of a table [rows, columns]; NaN beside it. */
export function elementAt({ shape, data }: FigureTensor, row: number, column: number): number {
  return data[row * (shape[1] ?? 1) + column] ?? Number.NaN;
}
