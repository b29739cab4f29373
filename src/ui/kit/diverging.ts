/**
 * Colours of load / ideal: blue below 1, orange above, neutral at 1, on a scale of log₂ that ends at
 * ¼× and 4×. Blue and orange stay apart under the common forms of colour blindness.
 */
export type Rgb = readonly [number, number, number];

const STOPS: Readonly<Record<'light' | 'dark', readonly Rgb[]>> = {
  light: [
    [29, 78, 160],
    [124, 170, 226],
    [244, 245, 247],
    [250, 168, 96],
    [178, 62, 6],
  ],
  dark: [
    [118, 176, 255],
    [44, 92, 158],
    [33, 39, 48],
    [164, 84, 22],
    [255, 166, 92],
  ],
};

export type ResolvedTheme = 'light' | 'dark';

/** Position of a ratio on the scale, 0 … 1; 0.5 at 1×. */
export function ratioPosition(ratio: number): number {
  if (!(ratio > 0)) return 0;
  return Math.min(1, Math.max(0, (Math.log2(ratio) + 2) / 4));
}

/** Colour at a position, 0 … 1, of stops that lie equally far apart. */
export function colorBetween(stops: readonly Rgb[], position: number): Rgb {
  const at = position * (stops.length - 1);
  const i = Math.min(stops.length - 2, Math.floor(at));
  const [from, to] = [stops[i]!, stops[i + 1]!];
  const mix = (c: 0 | 1 | 2) => Math.round(from[c] + (to[c] - from[c]) * (at - i));
  return [mix(0), mix(1), mix(2)];
}

/** Colour at a position of the scale, 0 … 1; neutral at 0.5. */
export function divergingColor(position: number, theme: ResolvedTheme): Rgb {
  return colorBetween(STOPS[theme], position);
}

/** Colour of load / ideal. */
export function ratioColor(ratio: number, theme: ResolvedTheme): Rgb {
  return divergingColor(ratioPosition(ratio), theme);
}

export function css([r, g, b]: Rgb): string {
  return `rgb(${r} ${g} ${b})`;
}

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((c) => {
    const x = c / 255;
    return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}

/** Black or white, whichever is read better on a colour: one of them always has 4.5:1. */
export function inkOn(rgb: Rgb): string {
  const l = luminance(rgb);
  return (l + 0.05) / 0.05 > 1.05 / (l + 0.05) ? '#000000' : '#ffffff';
}

/** CSS gradient of the whole scale, for its legend. */
export function scaleGradient(theme: ResolvedTheme): string {
  return `linear-gradient(90deg, ${STOPS[theme].map(css).join(', ')})`;
}
