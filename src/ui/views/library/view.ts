import { choice, flag } from '../../../state/fields.ts';
import type { View } from '../view.ts';
import { LIST_ORDERS, type Listed } from './orders.ts';

export const view: View<Listed> = {
  id: 'library',
  title: 'Library',
  about: {
    label: 'Library',
    meaning:
      'Every run that took a step is kept here, in this browser, without anyone asking: its settings and live edits, all metrics, routing, samples and its last checkpoints. Curves of other programs come in as CSV files. What is deleted can be taken back until the page is left.',
  },
  needs: {},
  rows: 44,
  fields: {
    order: choice(LIST_ORDERS, 'begun', 'both'),
    isDescending: flag(true, 'both'),
    isTree: flag(false, 'link'),
  },
  load: () => import('./Panel.tsx'),
};
