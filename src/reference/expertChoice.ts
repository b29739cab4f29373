import type { ScoreFunction } from '../config/experiment.ts';
import type { Real } from './arrays.ts';
import { logScore, logSumExp } from './scores.ts';

/**
 * Every slot takes its best tokens (docs/balancing.md, "Expert choice"): not causal.
 * @param isLeft whether slot r is left for token t
 * @returns the slots of every token, rising; none for a token that no slot took
 */
export function expertChoices(
  z_TR: Real,
  { T, R, score, places }: { T: number; R: number; score: ScoreFunction; places: number },
  isLeft: (t: number, r: number) => boolean,
): number[][] {
  const l_TR = z_TR.map((z) => logScore(score, z));
  if (score === 'softmax') {
    for (let t = 0; t < T; t++) {
      const all = logSumExp(z_TR.subarray(t * R, (t + 1) * R), (r) => isLeft(t, r));
      for (let r = 0; r < R; r++) l_TR[t * R + r] = z_TR[t * R + r]! - all;
    }
  }
  const slotsOf = Array.from({ length: T }, (): number[] => []);
  for (let r = 0; r < R; r++) {
    const tokens = Array.from({ length: T }, (_, t) => t).filter((t) => isLeft(t, r));
    tokens.sort((a, b) => l_TR[b * R + r]! - l_TR[a * R + r]! || a - b);
    for (const t of tokens.slice(0, places)) slotsOf[t]!.push(r);
  }
  return slotsOf;
}
