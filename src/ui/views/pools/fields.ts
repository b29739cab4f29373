import { choice, type Fields, numberIn } from '../../../state/fields.ts';

/** Experts of each model of the demonstration. */
export const MOST = 16;

export interface PoolsFields {
  /** Experts per layer that are kept for a domain. */
  kept: number;
  /** Whose experts are kept where a domain's loss is shown. */
  of: 'own' | 'others';
}

export const FIELDS: Fields<PoolsFields> = {
  kept: numberIn({ min: 1, max: MOST, isWhole: true }, 4, 'both'),
  of: choice(['own', 'others'], 'own', 'both'),
};
