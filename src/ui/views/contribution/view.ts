import type { View } from '../view.ts';
import { CONTRIBUTION_FIELDS, type ContributionFields } from './fields.ts';

export const view: View<ContributionFields> = {
  id: 'contribution',
  title: 'Contribution of activations (TC-MoE)',
  about: {
    label: 'Contribution of activations',
    meaning:
      'What the loss of a sequence rises by when n assignments of each layer, drawn among those whose gate lies in an interval, are left out; below 0 the model is better without them. Flips turn the sign of assignments with a small gate. TC-MoE draws 20 on training text and 5 on test text.',
    formula: 'mean ce of the sequence with them masked − without',
    source: 'TC-MoE A.1, Figures 1, 4, 5',
  },
  needs: { moe: true },
  rows: 40,
  fields: CONTRIBUTION_FIELDS,
  load: () => import('./Panel.tsx'),
};
