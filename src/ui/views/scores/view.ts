import type { View } from '../view.ts';
import { SCORES_FIELDS, type ScoresFields } from './fields.ts';

export const view: View<ScoresFields> = {
  id: 'scores',
  title: 'Routing scores (MoE++)',
  needs: { moe: true },
  rows: 60,
  fields: SCORES_FIELDS,
  load: () => import('./Panel.tsx'),
};
