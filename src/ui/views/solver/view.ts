import type { View } from '../view.ts';

export const view: View = {
  id: 'solver',
  title: 'Resource solver',
  needs: {},
  rows: 30,
  fields: {},
  load: () => import('./Panel.tsx'),
};
