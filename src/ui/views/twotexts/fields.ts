import { type Fields, numberIn } from '../../../state/fields.ts';

export interface TwoTextsFields {
  temperature: number;
  tokens: number;
}

export const TWO_TEXTS_FIELDS: Fields<TwoTextsFields> = {
  temperature: numberIn({ min: 0, max: 100 }, 0.8, 'both'),
  tokens: numberIn({ min: 1, max: 4096, isWhole: true }, 120, 'both'),
};
