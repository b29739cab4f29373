import type { View } from '../view.ts';
import { type ByDomainFields, FIELDS } from './fields.ts';

export const view: View<ByDomainFields> = {
  id: 'bydomain',
  title: 'Experts by domain',
  needs: {},
  rows: 90,
  fields: FIELDS,
  load: () => import('./Panel.tsx'),
};
