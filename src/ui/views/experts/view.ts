import type { View } from '../view.ts';
import { EXPERTS_FIELDS, type ExpertsFields } from './fields.ts';

export const view: View<ExpertsFields> = {
  id: 'experts',
  title: 'Experts by layer',
  about: {
    label: 'Experts by layer',
    meaning:
      'What every slot of every MoE layer takes of the text: tokens, routing weight, difficult tokens; how even a layer is, and how uneven the layers are.',
    source: 'MoDSE Figure 3, Tables 7, 8',
  },
  needs: {},
  rows: 110,
  fields: EXPERTS_FIELDS,
  load: () => import('./Panel.tsx'),
};
