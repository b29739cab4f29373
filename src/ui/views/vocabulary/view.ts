import type { View } from '../view.ts';
import { FIELDS, type VocabularyFields } from './fields.ts';

export const view: View<VocabularyFields> = {
  id: 'vocabulary',
  title: 'Vocabulary specialisation',
  needs: { moe: true },
  rows: 70,
  fields: FIELDS,
  load: () => import('./Panel.tsx'),
};
