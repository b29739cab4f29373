import type { View } from '../view.ts';

export const view: View = {
  id: 'health',
  title: 'Health',
  needs: {},
  rows: 7,
  fields: {},
  load: () => import('./Panel.tsx'),
};
