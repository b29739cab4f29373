import type { View } from '../view.ts';

export const view: View = {
  id: 'profiler',
  title: 'Profiler',
  needs: {},
  rows: 15,
  fields: {},
  load: () => import('./Panel.tsx'),
};
