/** What a person chooses of a passage, as pieces of view state. */
import { choice, type Fields, flag, numberIn } from '../../../state/fields.ts';
import { ownText } from '../../../state/looks/subjectFields.ts';

/** What tokens are shaded by; a link holds these names. */
const SHADE_IDS = ['loss', 'computing', 'width', 'expert', 'kind', 'delta'] as const;
export type ShadeId = (typeof SHADE_IDS)[number];

export interface PassageFields {
  source: 'looked' | 'typed';
  /** Sequence of the text that is looked at, over all its batches. */
  sequence: number;
  typed: string;
  shade: ShadeId;
  /** Whether what has a mean over layers is shown over all of them. */
  over: boolean;
  /** Whether every token's number stands below it. */
  numbers: boolean;
}

export const PASSAGE_FIELDS: Fields<PassageFields> = {
  source: choice(['looked', 'typed'], 'looked', 'local'),
  sequence: numberIn({ min: 0, max: 1e6, isWhole: true }, 0, 'both'),
  typed: ownText,
  shade: choice(SHADE_IDS, 'loss', 'both'),
  over: flag(true, 'both'),
  numbers: flag(true, 'local'),
};
