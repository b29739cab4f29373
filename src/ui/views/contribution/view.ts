import type { View } from '../view.ts';
import { CONTRIBUTION_FIELDS, type ContributionFields } from './fields.ts';

export const view: View<ContributionFields> = {
  id: 'contribution',
  title: 'Contribution of activations (TC-MoE)',
  needs: { moe: true },
  rows: 40,
  fields: CONTRIBUTION_FIELDS,
  load: () => import('./Panel.tsx'),
};
