import type { View } from '../view.ts';
import { PRINTED_FIELDS, type PrintedFields } from './fields.ts';

export const view: View<PrintedFields> = {
  id: 'printed',
  title: 'Printed by the papers',
  about: {
    label: 'Printed by the papers',
    meaning:
      'The papers’ own tables as reference data, each cell with the digits that are printed; and EqualRes’s own points as a figure.',
    source: 'MoDSE, MoE++, TC-MoE, EqualRes, LaDiMo',
  },
  needs: {},
  rows: 60,
  fields: PRINTED_FIELDS,
  load: () => import('./Panel.tsx'),
};
