/** What a person chooses of the view. */
import { choice, type Fields } from '../../../state/fields.ts';

export interface CoactivationFields {
  value: 'conditional' | 'lift' | 'both';
}

export const COACTIVATION_FIELDS: Fields<CoactivationFields> = {
  value: choice(['conditional', 'lift', 'both'], 'conditional', 'both'),
};
