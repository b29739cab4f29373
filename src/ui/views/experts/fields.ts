/** What a person chooses of the view. */
import { choice, type Fields, numberIn, orNull } from '../../../state/fields.ts';

export interface ExpertsFields {
  quantity: 'counts' | 'share' | 'ratio' | 'gateMass' | 'gateMean' | 'hard';
  /** Ideal loads: all alike, or by τ. */
  weights: 'uniform' | 'tau';
  /** Rank whose choices count; null: all. */
  rank: number | null;
  balance: 'maxVio' | 'minVio' | 'maxVioBatch' | 'cv' | 'entropy' | 'effective' | 'dead' | 'maxMin';
  /** A paper's printed counts. */
  printed: 'none' | 'baseline' | 'modse';
  epoch: number;
}

export const EXPERTS_FIELDS: Fields<ExpertsFields> = {
  quantity: choice(['counts', 'share', 'ratio', 'gateMass', 'gateMean', 'hard'], 'ratio', 'both'),
  weights: choice(['uniform', 'tau'], 'uniform', 'both'),
  rank: orNull(numberIn({ min: 0, max: 63, isWhole: true }, 0, 'both')),
  balance: choice(
    ['maxVio', 'minVio', 'maxVioBatch', 'cv', 'entropy', 'effective', 'dead', 'maxMin'],
    'maxVio',
    'both',
  ),
  printed: choice(['none', 'baseline', 'modse'], 'none', 'both'),
  epoch: numberIn({ min: 2, max: 7, isWhole: true }, 7, 'both'),
};
