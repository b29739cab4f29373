import type { View } from '../view.ts';
import { SWEEPS_FIELDS, type SweepsFields } from './fields.ts';

export const view: View<SweepsFields> = {
  id: 'sweeps',
  title: 'Sweeps',
  about: {
    label: 'Sweeps',
    meaning:
      'Any settings over values or a range, with several seeds, trained one after the other: any metric against any setting, and what no other point beats in both loss and FLOPs.',
  },
  needs: {},
  rows: 40,
  fields: SWEEPS_FIELDS,
  load: () => import('./Panel.tsx'),
};
