import { flag } from '../../../state/fields.ts';
import type { View } from '../view.ts';
import type { Folded } from './folded.ts';

export const view: View<Folded> = {
  id: 'accounting',
  title: 'Size and cost',
  needs: {},
  rows: 12,
  fields: { isOpen: flag(false, 'local') },
  load: () => import('./Panel.tsx'),
};
