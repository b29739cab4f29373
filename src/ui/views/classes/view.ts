import type { View } from '../view.ts';
import { type ClassesFields, FIELDS } from './fields.ts';

export const view: View<ClassesFields> = {
  id: 'classes',
  title: 'Token classes',
  needs: {},
  rows: 90,
  fields: FIELDS,
  load: () => import('./Panel.tsx'),
};
