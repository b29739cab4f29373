import type { View } from '../view.ts';
import { type BalanceFields, FIELDS } from './fields.ts';

export const view: View<BalanceFields> = {
  id: 'balance',
  title: 'Balance over training',
  needs: { moe: true, run: 'any' },
  rows: 44,
  fields: FIELDS,
  load: () => import('./Panel.tsx'),
};
