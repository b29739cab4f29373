import type { View } from '../view.ts';
import { FIELDS, type PoolsFields } from './fields.ts';

export const view: View<PoolsFields> = {
  id: 'pools',
  title: 'Experts of one domain (EMO)',
  needs: {},
  rows: 30,
  fields: FIELDS,
  load: () => import('./Panel.tsx'),
};
