import type { RunRow } from '../runs/record.ts';

/** Whether a row stands among the kept runs: what a person set aside, and the curves of other programs. */
export function isListed({ isVisible, origin }: RunRow): boolean {
  return isVisible || origin === 'curves';
}
