import type { View } from '../view.ts';

export const view: View = {
  id: 'loss',
  title: 'Training charts',
  heading: 'Training',
  needs: {},
  rows: 56,
  fields: {},
  load: () => import('./Panel.tsx'),
};
