/** Losses of layers in training as they are drawn: means over as many steps as there is no room for. */
import type { CurvesByLayer, GrowingCurves } from '../../../state/conversion/curves.ts';

/** Points of a curve at most. */
const MOST_POINTS = 250;

/** Steps that one drawn point is the mean of. */
export function stepsPerPoint(steps: number): number {
  return Math.max(1, Math.ceil(steps / MOST_POINTS));
}

/** Means over windows of `every` values; the last window may hold fewer. */
export function windowMeans(values: readonly number[], every: number): number[] {
  if (every === 1) return [...values];
  return Array.from({ length: Math.ceil(values.length / every) }, (_, w) => {
    const part = values.slice(w * every, (w + 1) * every);
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}

/** All curves, by layer and then by seed. */
export function inOrder(curves: CurvesByLayer): GrowingCurves[] {
  return [...curves.values()].sort((a, b) => a.layer - b.layer || a.seed - b.seed);
}

/** Mean of the last 32 steps, or of all where there are fewer; NaN of none. */
export function endOf(values: readonly number[]): number {
  const last = values.slice(-32);
  return last.reduce((sum, value) => sum + value, 0) / last.length;
}
