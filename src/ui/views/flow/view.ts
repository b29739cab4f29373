import type { View } from '../view.ts';
import { FLOW_FIELDS, type FlowFields } from './fields.ts';

export const view: View<FlowFields> = {
  id: 'flow',
  title: 'Flow between layers',
  needs: {},
  rows: 50,
  fields: FLOW_FIELDS,
  load: () => import('./Panel.tsx'),
};
