import type { View } from '../view.ts';

export const view: View = {
  id: 'queue',
  title: 'Queue',
  about: {
    label: 'Queue',
    meaning:
      'Recipes and sweeps, trained one after the other. After a reload the run in progress goes on from its last checkpoint.',
  },
  needs: {},
  rows: 16,
  fields: {},
  load: () => import('./Panel.tsx'),
};
