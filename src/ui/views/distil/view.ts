import type { View } from '../view.ts';
import { DISTIL_FIELDS, type DistilFields } from './fields.ts';

export const view: View<DistilFields> = {
  id: 'distil',
  title: 'Distillation',
  needs: {},
  rows: 45,
  fields: DISTIL_FIELDS,
  load: () => import('./Panel.tsx'),
};
