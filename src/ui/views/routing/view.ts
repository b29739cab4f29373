import type { View } from '../view.ts';

export const view: View = {
  id: 'routing',
  title: 'Routing over steps',
  about: {
    label: 'Routing over steps',
    meaning:
      'How much the router lets compute, and where it sends the rest: kept assignments to FFN and negated slots per token, the part of all assignments that each kind of slot gets, and those over capacity.',
  },
  needs: { moe: true },
  rows: 22,
  fields: {},
  load: () => import('./Panel.tsx'),
};
