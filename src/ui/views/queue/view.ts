import type { View } from '../view.ts';

export const view: View = {
  id: 'queue',
  title: 'Queue',
  about: {
    label: 'Queue',
    meaning:
      'Recipes and sweeps are trained here one after the other, while the page is open. After a reload the run in progress goes on from its last checkpoint.',
  },
  needs: {},
  rows: 16,
  fields: {},
  load: () => import('./Panel.tsx'),
};
