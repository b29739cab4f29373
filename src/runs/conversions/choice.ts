/** Students as they are named. */
import type { StudentChoice } from '../../train/ladimo/conversion.ts';

/** Two choices of one student have one key. */
export function choiceKey({
  layers,
  seed = 0,
  domain = null,
  policy = null,
  K = null,
}: StudentChoice): string {
  const rising = [...layers].sort((a, b) => a - b);
  return JSON.stringify([rising, seed, domain, policy && [policy.pu, policy.pe], K]);
}
