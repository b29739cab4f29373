import type { DifficultArgs } from '../../../analysis/figures/difficult.ts';
import { choice, type Fields, flag, numberIn, numbersIn } from '../../../state/fields.ts';

export interface DifficultFields {
  /** What makes a token difficult: a quantile of the baseline's losses, or nats as in the paper. */
  by: 'quantiles' | 'nats';
  quantiles: readonly number[];
  nats: readonly number[];
  /** Place of the threshold that the routing is shown of. */
  at: number;
  rank: 'first' | 'all';
  /** Whether the run beside is the one that is looked at, and the shown one its baseline. */
  swapped: boolean;
}

/** Most thresholds. */
const MOST_THRESHOLDS = 8;

export const DIFFICULT_FIELDS: Fields<DifficultFields> = {
  by: choice(['quantiles', 'nats'], 'quantiles', 'both'),
  quantiles: numbersIn({ min: 0, max: 1 }, MOST_THRESHOLDS, [0.5, 0.75, 0.9, 0.95, 0.99], 'both'),
  nats: numbersIn({ min: 0, max: 100 }, MOST_THRESHOLDS, [1.05, 1.2, 1.4, 1.6, 1.8, 2], 'both'),
  at: numberIn({ min: 0, max: MOST_THRESHOLDS - 1, isWhole: true }, 2, 'both'),
  rank: choice(['first', 'all'], 'first', 'both'),
  swapped: flag(false, 'both'),
};

export function requestOf({ by, quantiles, nats }: DifficultFields) {
  const thresholds: DifficultArgs = by === 'nats' ? { thresholds: nats } : { quantiles };
  return { figure: 'difficult' as const, ...thresholds };
}

/** Place of the threshold that is shown, among those that there are. */
export function shownPlace({ by, at, quantiles, nats }: DifficultFields): number {
  return Math.min(at, (by === 'nats' ? nats : quantiles).length - 1);
}
