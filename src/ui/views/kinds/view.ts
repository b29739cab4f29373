import type { View } from '../view.ts';
import { KINDS_FIELDS, type KindsFields } from './fields.ts';

export const view: View<KindsFields> = {
  id: 'kinds',
  title: 'Activated ratio by kind',
  needs: {},
  rows: 72,
  fields: KINDS_FIELDS,
  load: () => import('./Panel.tsx'),
};
