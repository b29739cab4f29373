import type { View } from '../view.ts';
import { FIELDS, type PruningFields } from './fields.ts';

export const view: View<PruningFields> = {
  id: 'pruning',
  title: 'What if experts were missing',
  needs: { moe: true },
  rows: 60,
  fields: FIELDS,
  load: () => import('./Panel.tsx'),
};
