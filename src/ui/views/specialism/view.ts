import type { View } from '../view.ts';
import { FIELDS, type SpecialismFields } from './fields.ts';

export const view: View<SpecialismFields> = {
  id: 'specialism',
  title: 'Specialisation beside balance',
  needs: {},
  rows: 36,
  fields: FIELDS,
  load: () => import('./Panel.tsx'),
};
