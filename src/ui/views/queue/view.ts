import type { View } from '../view.ts';

export const view: View = {
  id: 'queue',
  title: 'Queue',
  needs: {},
  rows: 16,
  fields: {},
  load: () => import('./Panel.tsx'),
};
