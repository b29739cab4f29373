import type { View } from '../view.ts';
import { FIELDS, type OverTimeFields } from './fields.ts';

export const view: View<OverTimeFields> = {
  id: 'overtime',
  title: 'Over training time',
  needs: { moe: true, run: 'any' },
  rows: 90,
  fields: FIELDS,
  load: () => import('./Panel.tsx'),
};
