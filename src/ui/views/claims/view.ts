import type { View } from '../view.ts';
import { CLAIMS_FIELDS, type ClaimsFields } from './fields.ts';

export const view: View<ClaimsFields> = {
  id: 'claims',
  title: 'Claims of the papers',
  needs: {},
  rows: 80,
  fields: CLAIMS_FIELDS,
  load: () => import('./Panel.tsx'),
};
