import type { View } from '../view.ts';
import { EXPERTS_FIELDS, type ExpertsFields } from './fields.ts';

export const view: View<ExpertsFields> = {
  id: 'experts',
  title: 'Experts by layer',
  needs: {},
  rows: 110,
  fields: EXPERTS_FIELDS,
  load: () => import('./Panel.tsx'),
};
