import type { View } from '../view.ts';

export const view: View = {
  id: 'positions',
  title: 'By position in the sequence',
  needs: {},
  rows: 60,
  fields: {},
  load: () => import('./Panel.tsx'),
};
