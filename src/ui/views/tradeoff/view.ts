import type { View } from '../view.ts';
import { TRADEOFF_FIELDS, type TradeoffFields } from './fields.ts';

export const view: View<TradeoffFields> = {
  id: 'tradeoff',
  title: 'Quality against throughput',
  needs: {},
  rows: 60,
  fields: TRADEOFF_FIELDS,
  load: () => import('./Panel.tsx'),
};
