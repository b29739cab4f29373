import type { View } from '../view.ts';
import { MAX_WEIGHTS_FIELDS, type MaxWeightsFields } from './fields.ts';

export const view: View<MaxWeightsFields> = {
  id: 'maxweights',
  title: 'Maximal routing weights (LaDiMo)',
  about: {
    label: 'Maximal routing weights',
    meaning:
      'The largest routing weight of every token, layer by layer, before any renormalisation. Its quantiles over all layers and in each layer say how many experts the adaptive router gives: a layer that is often sure needs one, one that is often unsure three. No training is involved.',
    formula: 'P(w ≥ α) = p_u, P(w ≤ β) = p_e, and α_i, β_i in layer i alike',
    source: 'LaDiMo 4.4, Table 1, Figures 8, 9, 10',
  },
  needs: { moe: true },
  rows: 70,
  fields: MAX_WEIGHTS_FIELDS,
  load: () => import('./Panel.tsx'),
};
