/** Hatching as plain strokes, which every program draws that reads SVG. */

export type Hatch = 'rising' | 'falling' | 'cross';

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const px = (value: number) => String(Math.round(100 * value) / 100);

/** Strokes that rise to the right, through a box. */
function rising({ x, y, width, height }: Box, gap: number): string {
  let path = '';
  for (let d = gap / 2; d < width + height; d += gap) {
    const [x0, y0] = [x + Math.max(0, d - height), y + Math.min(d, height)];
    const [x1, y1] = [x + Math.min(d, width), y + Math.max(0, d - width)];
    path += `M${px(x0)} ${px(y0)}L${px(x1)} ${px(y1)}`;
  }
  return path;
}

function falling({ x, y, width, height }: Box, gap: number): string {
  let path = '';
  for (let d = gap / 2; d < width + height; d += gap) {
    const [x0, y0] = [x + Math.max(0, d - height), y + Math.max(0, height - d)];
    const [x1, y1] = [x + Math.min(d, width), y + Math.min(height, height - d + width)];
    path += `M${px(x0)} ${px(y0)}L${px(x1)} ${px(y1)}`;
  }
  return path;
}

/** A path of strokes that stay within a box, `gap` pixels apart along its edges. */
export function hatchPath(box: Box, hatch: Hatch, gap = 6): string {
  if (!(box.width > 0) || !(box.height > 0)) return '';
  return `${hatch === 'falling' ? '' : rising(box, gap)}${hatch === 'rising' ? '' : falling(box, gap)}`;
}

/** A path round a box. */
export function boxPath({ x, y, width, height }: Box): string {
  return `M${px(x)} ${px(y)}h${px(width)}v${px(height)}h${px(-width)}z`;
}
