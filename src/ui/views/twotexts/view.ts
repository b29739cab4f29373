import type { View } from '../view.ts';
import { TWO_TEXTS_FIELDS, type TwoTextsFields } from './fields.ts';

export const view: View<TwoTextsFields> = {
  id: 'twotexts',
  title: 'Teacher and student write',
  needs: {},
  rows: 30,
  fields: TWO_TEXTS_FIELDS,
  load: () => import('./Panel.tsx'),
};
