import type { View } from '../view.ts';
import { type ClassesFields, FIELDS } from './fields.ts';

export const view: View<ClassesFields> = {
  id: 'classes',
  title: 'Token classes',
  about: {
    label: 'Token classes',
    meaning:
      'White space, digits, punctuation, beginnings and insides of words: how hard each class is, how many experts compute for it, and which slots take it.',
    source: 'MoE++ Fig. 5, A',
  },
  needs: {},
  rows: 90,
  fields: FIELDS,
  load: () => import('./Panel.tsx'),
};
