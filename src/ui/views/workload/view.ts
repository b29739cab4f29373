import type { View } from '../view.ts';
import { WORKLOAD_FIELDS, type WorkloadFields } from './fields.ts';

export const view: View<WorkloadFields> = {
  id: 'workload',
  title: 'Work per token',
  needs: {},
  rows: 92,
  fields: WORKLOAD_FIELDS,
  load: () => import('./Panel.tsx'),
};
