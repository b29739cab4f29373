import type { View } from '../view.ts';
import { CLAIMS_FIELDS, type ClaimsFields } from './fields.ts';

export const view: View<ClaimsFields> = {
  id: 'claims',
  title: 'Claims of the papers',
  about: {
    label: 'Claims of the papers',
    meaning:
      'Each claim is a recipe: small runs over several seeds, a figure, and a verdict by statistics. A small model may well disagree with a paper: that is a finding.',
  },
  needs: {},
  rows: 80,
  fields: CLAIMS_FIELDS,
  load: () => import('./Panel.tsx'),
};
