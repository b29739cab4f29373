/** Speeds of models that were measured in turn, round by round. */
import { quantile } from '../../config/ladimo.ts';

/** A median, and between which values eight of ten rounds lie. */
export interface Spread {
  median: number;
  low: number;
  high: number;
}

/** Fewer rounds tell nobody which of two models is faster. */
export const LEAST_ROUNDS = 9;
const TAIL = 0.1;

interface Rounds {
  rounds: readonly number[];
}

/**
 * A speed over another's, round by round: what else a machine does slows both models of a round, and
 * their ratio less than each.
 */
export function ratioOf(speed: Rounds, base: Rounds): Spread {
  const ratios = speed.rounds.map((one, r) => one / (base.rounds[r] ?? Number.NaN));
  const sorted = ratios.filter((one) => Number.isFinite(one)).sort((a, b) => a - b);
  if (sorted.length === 0) return { median: Number.NaN, low: Number.NaN, high: Number.NaN };
  const at = (share: number) => quantile(sorted, share);
  return { median: at(0.5), low: at(TAIL), high: at(1 - TAIL) };
}

/** 1: faster, −1: slower, 0: the spread covers both, or there are too few rounds. */
export function toldApart({ low, high }: Spread, rounds: number): -1 | 0 | 1 {
  if (rounds < LEAST_ROUNDS) return 0;
  if (low > 1) return 1;
  return high < 1 ? -1 : 0;
}
