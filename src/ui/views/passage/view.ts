import type { View } from '../view.ts';
import { PASSAGE_FIELDS, type PassageFields } from './fields.ts';

export const view: View<PassageFields> = {
  id: 'passage',
  title: 'Token by token',
  about: {
    label: 'A passage token by token',
    meaning:
      'One sequence, alone in its batch, as the model sees it: each token shaded by what it costs or where it goes. Point at a token for its whole path; pin it and ask what would be if it were routed otherwise. The answer is two passes at the same step, one without and one with what you ask; training stays as it is, bit for bit.',
    source: 'MoE++ Figures 5 and A',
  },
  needs: {},
  rows: 60,
  fields: PASSAGE_FIELDS,
  load: () => import('./Panel.tsx'),
};
