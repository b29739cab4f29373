import type { View } from '../view.ts';
import { PASSAGE_FIELDS, type PassageFields } from './fields.ts';

export const view: View<PassageFields> = {
  id: 'passage',
  title: 'Token by token',
  needs: {},
  rows: 60,
  fields: PASSAGE_FIELDS,
  load: () => import('./Panel.tsx'),
};
