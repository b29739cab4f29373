import type { View } from '../view.ts';

export const view: View = {
  id: 'ab',
  title: 'A/B',
  needs: {},
  rows: 40,
  fields: {},
  load: () => import('./Panel.tsx'),
};
