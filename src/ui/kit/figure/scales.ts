/** Colours of figures, told apart under the common forms of colour blindness. */
import {
  colorBetween,
  divergingColor,
  type ResolvedTheme,
  type Rgb,
  ratioPosition,
} from '../diverging.ts';
import type { Hatch } from './hatch.ts';

/** One hue, from the surface to its strongest; more is darker on light, brighter on dark. */
const SEQUENTIAL: Readonly<Record<ResolvedTheme, readonly Rgb[]>> = {
  light: [
    [243, 247, 247],
    [190, 224, 220],
    [106, 178, 175],
    [32, 121, 127],
    [6, 62, 74],
  ],
  dark: [
    [27, 35, 40],
    [22, 72, 82],
    [26, 122, 128],
    [74, 180, 175],
    [200, 244, 232],
  ],
};

/** Colour at a part of the sequential scale, 0 … 1. */
export function sequentialColor(at: number, theme: ResolvedTheme): Rgb {
  return colorBetween(SEQUENTIAL[theme], Math.min(1, Math.max(0, at)));
}

/** `sequential`: from least to most; `ratio`: 1 is neutral; `signed`: 0 is neutral. */
export type ColorScale = 'sequential' | 'ratio' | 'signed';

export interface Scale {
  /** Position of a value on the scale, 0 … 1. */
  position: (value: number) => number;
  color: (position: number) => Rgb;
  /** Values at the scale's beginning, middle and end. */
  ends: readonly [number, number, number];
}

/** Values that a scale spans; a sequential one begins at 0 where nothing is below. */
export function spanOf(color: ColorScale, values: Iterable<number>): readonly [number, number] {
  let [min, max] = [color === 'sequential' ? 0 : Number.POSITIVE_INFINITY, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  if (color === 'sequential') return [min, max > min ? max : min + 1];
  const most = Math.max(Math.abs(Math.min(min, 0)), Math.abs(max)) || 1;
  return [-most, most];
}

/**
 * The scale of some values.
 * @param span least and most value where they are set, as for two drawings that are compared
 */
export function scaleOf(
  color: ColorScale,
  values: Iterable<number>,
  theme: ResolvedTheme,
  span?: readonly [number, number],
): Scale {
  if (color === 'ratio')
    return {
      position: ratioPosition,
      color: (at) => divergingColor(at, theme),
      ends: [1 / 4, 1, 4],
    };
  const [from, to] = span ?? spanOf(color, values);
  return {
    position: (value) => Math.min(1, Math.max(0, (value - from) / (to - from || 1))),
    color: (at) =>
      color === 'sequential' ? sequentialColor(at, theme) : divergingColor(at, theme),
    ends: [from, (from + to) / 2, to],
  };
}

/** Colours of series and slots in a fixed order; `figure.css` gives them for each theme. */
export const CATEGORIES = 8;
const DASHES = ['', '7 3', '2 3', '8 3 2 3'] as const;
const PATTERNS: readonly (Hatch | undefined)[] = [undefined, 'rising', 'falling', 'cross'];

export interface Look {
  color: string;
  /** Of a line, as SVG writes it; '' for a solid one. */
  dash: string;
  /** Of a face. */
  pattern: Hatch | undefined;
}

/** How the i-th of several looks: by colour, then by dash or pattern too, alike in every figure. */
export function categoryLook(i: number): Look {
  const round = Math.floor(i / CATEGORIES) % DASHES.length;
  return {
    color: `var(--figure-${(i % CATEGORIES) + 1})`,
    dash: DASHES[round] ?? '',
    pattern: PATTERNS[round],
  };
}
