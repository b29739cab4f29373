import type { View } from '../view.ts';
import { type DecilesFields, FIELDS } from './fields.ts';

export const view: View<DecilesFields> = {
  id: 'deciles',
  title: 'Easy and difficult tokens',
  needs: {},
  rows: 90,
  fields: FIELDS,
  load: () => import('./Panel.tsx'),
};
