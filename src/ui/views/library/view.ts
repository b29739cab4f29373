import { choice, flag } from '../../../state/fields.ts';
import type { View } from '../view.ts';
import { LIST_ORDERS, type Listed } from './orders.ts';

export const view: View<Listed> = {
  id: 'library',
  title: 'Library',
  needs: {},
  rows: 44,
  fields: {
    order: choice(LIST_ORDERS, 'begun', 'both'),
    isDescending: flag(true, 'both'),
    isTree: flag(false, 'link'),
  },
  load: () => import('./Panel.tsx'),
};
