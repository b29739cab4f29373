/** What a person chooses of figures over training time. */
import { choice, type Fields, idOrNone, numberIn, orNull } from '../../../state/fields.ts';

export interface OverTimeFields {
  /** Id of the figure that is drawn large; '': the first. */
  figure: string;
  layers: 'all' | 'one';
  /** Rank whose load is drawn; null: all of them. */
  rank: number | null;
  on: 'validation' | 'training';
}

export const FIELDS: Fields<OverTimeFields> = {
  figure: idOrNone('both'),
  layers: choice(['all', 'one'], 'all', 'both'),
  rank: orNull(numberIn({ min: 0, max: 63, isWhole: true }, 0, 'both')),
  on: choice(['validation', 'training'], 'validation', 'both'),
};
