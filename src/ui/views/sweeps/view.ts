import type { View } from '../view.ts';
import { SWEEPS_FIELDS, type SweepsFields } from './fields.ts';

export const view: View<SweepsFields> = {
  id: 'sweeps',
  title: 'Sweeps',
  about: {
    label: 'Sweeps',
    meaning:
      'Any settings over values and seeds: any metric against any setting, and what no point beats in both loss and FLOPs.',
  },
  needs: {},
  rows: 40,
  fields: SWEEPS_FIELDS,
  load: () => import('./Panel.tsx'),
};
