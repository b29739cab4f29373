import type { View } from '../view.ts';
import { FLOW_FIELDS, type FlowFields } from './fields.ts';

export const view: View<FlowFields> = {
  id: 'flow',
  title: 'Flow between layers',
  about: {
    label: 'Flow between layers',
    meaning:
      'Tokens by the slot that they choose first in a MoE layer and in the next one; dense layers between are skipped. Slots stand in their own order.',
    formula: '#{u : rank-0 slot is i here and j in the next MoE layer}',
  },
  needs: {},
  rows: 50,
  fields: FLOW_FIELDS,
  load: () => import('./Panel.tsx'),
};
