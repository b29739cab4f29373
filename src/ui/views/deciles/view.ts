import type { View } from '../view.ts';
import { type DecilesFields, FIELDS } from './fields.ts';

export const view: View<DecilesFields> = {
  id: 'deciles',
  title: 'Easy and difficult tokens',
  about: {
    label: 'Deciles by loss',
    meaning:
      'Tokens in ten parts by their loss: what width and how many experts the easy and the difficult ones are given, and which slots take them.',
    source: 'MoDSE, difficult tokens; MoE++, simple tokens',
  },
  needs: {},
  rows: 90,
  fields: FIELDS,
  load: () => import('./Panel.tsx'),
};
