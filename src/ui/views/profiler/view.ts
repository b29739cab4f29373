import type { View } from '../view.ts';

export const view: View = {
  id: 'profiler',
  title: 'Profiler',
  about: {
    label: 'Profiler',
    meaning:
      'Trains on, with every kernel of every other step in a compute pass of its own between two GPU timestamps; the ordinary steps between them tell the time of a whole step. The losses stay the same bit for bit. Otherwise nothing is timed, and a step stays one pass and one submit.',
  },
  needs: {},
  rows: 15,
  fields: {},
  load: () => import('./Panel.tsx'),
};
