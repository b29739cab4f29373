import { flag } from '../../../state/fields.ts';
import type { View } from '../view.ts';

/** Whether all figures are shown. */
export interface Folded {
  isOpen: boolean;
}

export const view: View<Folded> = {
  id: 'accounting',
  title: 'Size and cost',
  needs: {},
  rows: 12,
  fields: { isOpen: flag(false, 'local') },
  load: () => import('./Panel.tsx'),
};
