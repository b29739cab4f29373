import type { View } from '../view.ts';
import { PRINTED_FIELDS, type PrintedFields } from './fields.ts';

export const view: View<PrintedFields> = {
  id: 'printed',
  title: 'Printed by the papers',
  needs: {},
  rows: 60,
  fields: PRINTED_FIELDS,
  load: () => import('./Panel.tsx'),
};
