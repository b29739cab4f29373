import type { View } from '../view.ts';
import { FIELDS, type SequencesFields } from './fields.ts';

export const view: View<SequencesFields> = {
  id: 'sequences',
  title: 'Load per sequence',
  needs: { moe: true },
  rows: 60,
  fields: FIELDS,
  load: () => import('./Panel.tsx'),
};
