import type { View } from '../view.ts';
import { COACTIVATION_FIELDS, type CoactivationFields } from './fields.ts';

export const view: View<CoactivationFields> = {
  id: 'coactivation',
  title: 'Co-activation',
  needs: {},
  rows: 42,
  fields: COACTIVATION_FIELDS,
  load: () => import('./Panel.tsx'),
};
