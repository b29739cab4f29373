import type { View } from '../view.ts';
import { DIFFICULT_FIELDS, type DifficultFields } from './fields.ts';

export const view: View<DifficultFields> = {
  id: 'difficult',
  title: 'Difficult tokens (MoDSE)',
  needs: { moe: true },
  rows: 60,
  fields: DIFFICULT_FIELDS,
  load: () => import('./Panel.tsx'),
};
