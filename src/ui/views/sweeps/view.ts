import type { View } from '../view.ts';
import { SWEEPS_FIELDS, type SweepsFields } from './fields.ts';

export const view: View<SweepsFields> = {
  id: 'sweeps',
  title: 'Sweeps',
  needs: {},
  rows: 40,
  fields: SWEEPS_FIELDS,
  load: () => import('./Panel.tsx'),
};
