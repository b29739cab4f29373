import type { View } from '../view.ts';

export const view: View = {
  id: 'domains',
  title: 'Routing by domain',
  needs: { moe: true },
  rows: 28,
  fields: {},
  load: () => import('./Panel.tsx'),
};
