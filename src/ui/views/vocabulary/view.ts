import type { View } from '../view.ts';
import { FIELDS, type VocabularyFields } from './fields.ts';

export const view: View<VocabularyFields> = {
  id: 'vocabulary',
  title: 'Vocabulary specialisation',
  about: {
    label: 'Vocabulary specialisation',
    meaning:
      'How surely a token’s id alone tells its first slot, and the ids that each slot takes most surely. OLMoE takes every id for the mean, and those that occur ten times for its lists.',
    source: 'OLMoE, section 5',
  },
  needs: { moe: true },
  rows: 70,
  fields: FIELDS,
  load: () => import('./Panel.tsx'),
};
