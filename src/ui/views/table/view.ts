import type { View } from '../view.ts';

export const view: View = {
  id: 'table',
  title: 'Load per expert',
  needs: { moe: true },
  rows: 40,
  fields: {},
  load: () => import('./Panel.tsx'),
};
