import type { View } from '../view.ts';
import { CLAIMS_FIELDS, type ClaimsFields } from './fields.ts';

export const view: View<ClaimsFields> = {
  id: 'claims',
  title: 'Claims of the papers',
  about: {
    label: 'Claims of the papers',
    meaning:
      'Small runs over several seeds, a figure, and a verdict by statistics. That a small model disagrees with a paper is a finding.',
  },
  needs: {},
  rows: 80,
  fields: CLAIMS_FIELDS,
  load: () => import('./Panel.tsx'),
};
