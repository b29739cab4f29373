import type { View } from '../view.ts';

export const view: View = {
  id: 'routing',
  title: 'Routing over steps',
  needs: { moe: true },
  rows: 22,
  fields: {},
  load: () => import('./Panel.tsx'),
};
