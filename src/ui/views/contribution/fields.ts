import { type Fields, numberIn } from '../../../state/fields.ts';

export interface ContributionFields {
  /** Assignments drawn per sequence, layer and interval of the gate. */
  n: number;
  seed: number;
}

export const MOST_DRAWN = 200;
export const MOST_SEED = 2 ** 32 - 1;

export const CONTRIBUTION_FIELDS: Fields<ContributionFields> = {
  n: numberIn({ min: 1, max: MOST_DRAWN, isWhole: true }, 20, 'both'),
  seed: numberIn({ min: 0, max: MOST_SEED, isWhole: true }, 1, 'both'),
};
