import type { Axis } from './scale.ts';
import { valueAtPosition } from './scale.ts';

/**
 * Indices of the values to draw: of each bucket of steps the least and the greatest, in order, and
 * the first value that is not finite, so that spikes and gaps stay. Buckets are equal on the axis.
 * @param values value of step `firstStep + i` at i
 * @param axis steps that are visible
 */
export function minMaxIndices(
  values: ArrayLike<number>,
  firstStep: number,
  axis: Axis,
  buckets: number,
): number[] {
  const from = Math.max(0, Math.ceil(axis.min) - firstStep);
  const to = Math.min(values.length - 1, Math.floor(axis.max) - firstStep);
  if (to - from + 1 <= 2 * buckets) {
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
  }
  const kept: number[] = [];
  let start = from;
  for (let b = 1; b <= buckets && start <= to; b++) {
    const edge = Math.floor(valueAtPosition(axis, b / buckets)) - firstStep;
    const end = b === buckets ? to : Math.min(to, edge);
    if (end < start) continue;
    kept.push(...extremes(values, start, end));
    start = end + 1;
  }
  return kept;
}

function extremes(values: ArrayLike<number>, start: number, end: number): number[] {
  let least = start;
  let most = start;
  let broken = -1;
  for (let i = start; i <= end; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) {
      if (broken < 0) broken = i;
      continue;
    }
    if (!(value >= values[least]!)) least = i;
    if (!(value <= values[most]!)) most = i;
  }
  const picked = new Set([least, most]);
  if (broken >= 0) picked.add(broken);
  return [...picked].sort((a, b) => a - b);
}
