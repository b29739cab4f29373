/** Which text instruments look at, as pieces of view state. */
import { choice, type Field, type Fields, numberIn } from '../fields.ts';
import type { LookText } from './looked.ts';

export interface SubjectFields {
  text: 'validation' | 'own';
  /** Validation batches. */
  batches: number;
  /** The person's text. */
  own: string;
}

const MOST_CHARACTERS = 200_000;

/** A text that this browser keeps; no link holds it. */
export const ownText: Field<string> = {
  default: '',
  home: 'local',
  check: (value) =>
    typeof value === 'string' && value.length <= MOST_CHARACTERS ? value : undefined,
  write: () => '',
  read: () => undefined,
};

export const MOST_BATCHES = 64;

export const SUBJECT_FIELDS: Fields<SubjectFields> = {
  text: choice(['validation', 'own'], 'validation', 'local'),
  batches: numberIn({ min: 1, max: MOST_BATCHES, isWhole: true }, 4, 'both'),
  own: ownText,
};

/** What is looked at; validation text until there is a text of one's own. */
export function lookTextOf({ text, batches, own }: SubjectFields): LookText {
  return text === 'own' && own !== '' ? { text: own } : { validation: batches };
}
