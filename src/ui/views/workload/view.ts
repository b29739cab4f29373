import type { View } from '../view.ts';
import { WORKLOAD_FIELDS, type WorkloadFields } from './fields.ts';

export const view: View<WorkloadFields> = {
  id: 'workload',
  title: 'Work per token',
  about: {
    label: 'Work per token',
    meaning:
      'Hidden width of the chosen experts and computing experts per token, of kept assignments; and what capacity dropped, by slot, position and sequence.',
    source: 'MoDSE 4.2; MoE++ 8, Figure 5; TC-MoE Figure 9',
  },
  needs: {},
  rows: 92,
  fields: WORKLOAD_FIELDS,
  load: () => import('./Panel.tsx'),
};
