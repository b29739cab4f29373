import { choice, type Fields, numberIn } from '../../../state/fields.ts';

export interface VocabularyFields {
  /** Whether tokens are told apart by their own id or by their target's. */
  by: 'input' | 'target';
  /** Fewest occurrences of an id. */
  least: number;
  /** Ids listed for each slot. */
  top: number;
}

export const MOST = { least: 10_000, top: 50 } as const;

export const FIELDS: Fields<VocabularyFields> = {
  by: choice(['input', 'target'], 'input', 'both'),
  least: numberIn({ min: 1, max: MOST.least, isWhole: true }, 10, 'both'),
  top: numberIn({ min: 1, max: MOST.top, isWhole: true }, 10, 'both'),
};
