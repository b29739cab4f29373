import { type Fields, numberIn } from '../../../state/fields.ts';
import type { View } from '../view.ts';

export interface TwoTextsFields {
  temperature: number;
  tokens: number;
}

const FIELDS: Fields<TwoTextsFields> = {
  temperature: numberIn({ min: 0, max: 100 }, 0, 'both'),
  tokens: numberIn({ min: 1, max: 4096, isWhole: true }, 120, 'both'),
};

export const view: View<TwoTextsFields> = {
  id: 'twotexts',
  title: 'Teacher and student write',
  needs: {},
  rows: 30,
  fields: FIELDS,
  load: () => import('./Panel.tsx'),
};
