import type { View } from '../view.ts';

export const view: View = {
  id: 'rack',
  title: 'Expert rack',
  needs: { moe: true },
  rows: 42,
  fields: {},
  load: () => import('./Panel.tsx'),
};
