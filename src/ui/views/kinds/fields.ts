/** What a person chooses of the view. */
import { choice, type Fields } from '../../../state/fields.ts';

export interface KindsFields {
  /** Parts of all assignments, or slots per token. */
  per: 'ratio' | 'perToken';
}

export const KINDS_FIELDS: Fields<KindsFields> = {
  per: choice(['ratio', 'perToken'], 'ratio', 'both'),
};
