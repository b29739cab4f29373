import type { View } from '../view.ts';
import { KINDS_FIELDS, type KindsFields } from './fields.ts';

export const view: View<KindsFields> = {
  id: 'kinds',
  title: 'Activated ratio by kind',
  about: {
    label: 'Activated ratio by kind',
    meaning:
      'Which kinds of slots the tokens of every layer choose: experts (E+), negated ones (E−), zero (E0), copy and constant; and of each expert how much goes to it with either sign.',
    source: 'TC-MoE Figures 6, 7, 8; MoE++ Figure 4',
  },
  needs: {},
  rows: 72,
  fields: KINDS_FIELDS,
  load: () => import('./Panel.tsx'),
};
