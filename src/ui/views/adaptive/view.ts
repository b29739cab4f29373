import type { View } from '../view.ts';
import { ADAPTIVE_FIELDS, type AdaptiveFields } from './fields.ts';

export const view: View<AdaptiveFields> = {
  id: 'adaptive',
  title: 'Adaptive policy',
  needs: {},
  rows: 80,
  fields: ADAPTIVE_FIELDS,
  load: () => import('./Panel.tsx'),
};
