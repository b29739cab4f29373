import type { View } from '../view.ts';

export const view: View = {
  id: 'load',
  title: 'Load by layer and slot',
  heading: 'Load now',
  needs: { moe: true },
  rows: 19,
  fields: {},
  load: () => import('./Panel.tsx'),
};
