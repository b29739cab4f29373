import type { View } from '../view.ts';
import { DIFFICULT_FIELDS, type DifficultFields } from './fields.ts';

export const view: View<DifficultFields> = {
  id: 'difficult',
  title: 'Difficult tokens (MoDSE)',
  about: {
    label: 'Difficult tokens',
    meaning:
      'Tokens that the baseline, the run beside, finds hard: how much better the shown run is on them, and which experts take them. MoDSE finds that wider experts do.',
    formula:
      'u is difficult at θ: ce_u of the baseline > θ; reduction: mean of (baseline’s ce − ce)',
    source: 'MoDSE Tables 5, 6, 9, Figure 4',
  },
  needs: { moe: true },
  rows: 60,
  fields: DIFFICULT_FIELDS,
  load: () => import('./Panel.tsx'),
};
