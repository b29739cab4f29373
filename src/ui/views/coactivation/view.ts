import type { View } from '../view.ts';
import { COACTIVATION_FIELDS, type CoactivationFields } from './fields.ts';

export const view: View<CoactivationFields> = {
  id: 'coactivation',
  title: 'Co-activation',
  about: {
    label: 'Co-activation',
    meaning:
      'Which slots of a layer the same tokens keep: of the tokens of slot i the part that keep slot j too, beside the part of all tokens that keep j. A slot that no token keeps has no row.',
    formula: 'P(j | i) = both_ij / a_i; lift = both_ij·U / (a_i·a_j)',
    source: 'FLAME-MoE',
  },
  needs: {},
  rows: 42,
  fields: COACTIVATION_FIELDS,
  load: () => import('./Panel.tsx'),
};
