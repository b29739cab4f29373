import type { View } from '../view.ts';

export const view: View = {
  id: 'samples',
  title: 'Sampled text',
  needs: {},
  rows: 24,
  fields: {},
  load: () => import('./Panel.tsx'),
};
