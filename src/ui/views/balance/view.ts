import type { View } from '../view.ts';
import { type BalanceFields, FIELDS } from './fields.ts';

export const view: View<BalanceFields> = {
  id: 'balance',
  title: 'Balance over training',
  about: {
    label: 'Balance over training',
    meaning:
      'How even the load is, of single batches and of many together, and how the load of each slot moves. A rule may balance a window of steps while every batch is uneven.',
    formula: 'MaxVio = max c_i·R/A − 1',
    source: 'Wang 2024 (2408.15664)',
  },
  needs: { moe: true, run: 'any' },
  rows: 44,
  fields: FIELDS,
  load: () => import('./Panel.tsx'),
};
