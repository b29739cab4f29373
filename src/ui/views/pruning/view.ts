import type { View } from '../view.ts';
import { FIELDS, type PruningFields } from './fields.ts';

export const view: View<PruningFields> = {
  id: 'pruning',
  title: 'What if experts were missing',
  about: {
    label: 'What if experts were missing',
    meaning:
      'Keeps only the slots of one domain, or removes kinds of slots, routes anew over those that are left, and measures what the loss of every domain rises by. Nothing is trained.',
    formula: 'mean over a domain’s tokens of ce with − ce without',
    source: 'EMO; MoE++ Table C',
  },
  needs: { moe: true },
  rows: 60,
  fields: FIELDS,
  load: () => import('./Panel.tsx'),
};
