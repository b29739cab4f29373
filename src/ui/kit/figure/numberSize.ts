/** How large the numbers in the cells of a heat map are written. */
import type { FigureFormat } from '../../../analysis/figures/figure.ts';
import { formatTight } from './formats.ts';
import { labelWidth } from './label.ts';

export type NumberSize = 'ordinary' | 'small';

/** Size beside that of a label, as in `figure.css`, and the pixels that are free beside a number. */
const SIZES: Readonly<Record<NumberSize, { scale: number; free: number }>> = {
  ordinary: { scale: 1, free: 4 },
  small: { scale: 0.8, free: 2 },
};

/** Width of a cell, in pixels, that a number needs. */
export function numberWidth(text: string, size: NumberSize): number {
  return labelWidth(text) * SIZES[size].scale + SIZES[size].free;
}

/** The size of all numbers of a map: small where one has no room in cells of so many pixels. */
export function numberSize(
  values: Iterable<number>,
  format: FigureFormat,
  width: number,
): NumberSize {
  for (const value of values)
    if (numberWidth(formatTight(value, format), 'ordinary') > width) return 'small';
  return 'ordinary';
}
