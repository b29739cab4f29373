/** How large the numbers in the cells of a heat map are written. */
import type { FigureFormat } from '../../../analysis/figures/figure.ts';
import { formatTight } from './formats.ts';

export type NumberSize = 'ordinary' | 'small';

/** Pixels that a letter takes, and what is free beside a number; as in `figure.css`. */
const SIZES: Readonly<Record<NumberSize, { letter: number; free: number }>> = {
  ordinary: { letter: 6.6, free: 4 },
  small: { letter: 5.2, free: 2 },
};

/** Width of a cell, in pixels, that a number needs. */
export function numberWidth(text: string, size: NumberSize): number {
  return text.length * SIZES[size].letter + SIZES[size].free;
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
