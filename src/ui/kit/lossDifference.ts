import { formatFixed } from './format.ts';

/** "+0.012": how much more one loss is than another, with as many digits as it takes to see it. */
export function lossDifference(loss: number, than: number): string {
  const more = loss - than;
  return `${more < 0 ? '−' : '+'}${formatFixed(Math.abs(more), 3)}`;
}
