import type { View } from '../view.ts';
import { MAX_WEIGHTS_FIELDS, type MaxWeightsFields } from './fields.ts';

export const view: View<MaxWeightsFields> = {
  id: 'maxweights',
  title: 'Maximal routing weights (LaDiMo)',
  needs: { moe: true },
  rows: 70,
  fields: MAX_WEIGHTS_FIELDS,
  load: () => import('./Panel.tsx'),
};
