import type { View } from '../view.ts';

export const view: View = {
  id: 'health',
  title: 'Health',
  about: {
    label: 'Health',
    meaning:
      'What telemetry and settings say is wrong: dead slots, collapse, routers without gradient, drops, sums that do not add up, numbers that broke. Each with its number and what is allowed.',
  },
  needs: {},
  rows: 7,
  fields: {},
  load: () => import('./Panel.tsx'),
};
