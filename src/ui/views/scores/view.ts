import type { View } from '../view.ts';
import { SCORES_FIELDS, type ScoresFields } from './fields.ts';

export const view: View<ScoresFields> = {
  id: 'scores',
  title: 'Routing scores (MoE++)',
  about: {
    label: 'Routing scores',
    meaning:
      'How the highest and the second-highest probability of the router are spread over the tokens, and how sure it is, layer by layer. A run with gating residuals beside one without shows what they do: in MoE++ they lower the variance, not the mean.',
    formula: 'p₍₀₎ ≥ p₍₁₎ over all slots of a layer',
    source: 'MoE++ Figure 6',
  },
  needs: { moe: true },
  rows: 60,
  fields: SCORES_FIELDS,
  load: () => import('./Panel.tsx'),
};
