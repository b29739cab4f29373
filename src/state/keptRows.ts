import type { RunRow } from '../runs/record.ts';

/** Whether a row stands among the kept runs: what a person set aside, and the curves of other programs. */
export function isListed({ isVisible, origin }: RunRow): boolean {
  return isVisible || origin === 'curves';
}

/** Whether a row is all that there is of some curves, so that taking them off the chart deletes it. */
export function isCopy({ origin, adapter }: RunRow): boolean {
  return origin === 'curves' || (origin === 'trained' && adapter === null);
}
