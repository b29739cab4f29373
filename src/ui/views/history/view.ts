import type { View } from '../view.ts';

export const view: View = {
  id: 'history',
  title: 'Load over steps',
  needs: { moe: true },
  rows: 19,
  fields: {},
  load: () => import('./Panel.tsx'),
};
