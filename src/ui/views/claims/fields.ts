import { choice, type Fields, idOrNone } from '../../../state/fields.ts';

export interface ClaimsFields {
  /** Name of the recipe that is open; '' for the list. */
  claim: string;
  /** Whose result is drawn, where there are both. */
  shown: 'own' | 'recorded';
  budget: 'quick' | 'standard' | 'long';
  /** Which recorded budget is shown; the largest where that one is not recorded. */
  recorded: 'largest' | 'quick' | 'standard' | 'long';
  /** Which of one's own, likewise. */
  mine: 'largest' | 'quick' | 'standard' | 'long';
}

export const CLAIMS_FIELDS: Fields<ClaimsFields> = {
  claim: idOrNone('link'),
  shown: choice(['own', 'recorded'], 'own', 'link'),
  budget: choice(['quick', 'standard', 'long'], 'quick', 'both'),
  recorded: choice(['largest', 'quick', 'standard', 'long'], 'largest', 'link'),
  mine: choice(['largest', 'quick', 'standard', 'long'], 'largest', 'link'),
};
