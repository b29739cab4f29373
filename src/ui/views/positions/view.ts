import type { View } from '../view.ts';

export const view: View = {
  id: 'positions',
  title: 'By position in the sequence',
  about: {
    label: 'By position',
    meaning:
      'What a token’s place in its sequence does: its loss, how many experts compute for it, and how often it finds no place in a slot.',
    source: 'MoE++ 8',
  },
  needs: {},
  rows: 60,
  fields: {},
  load: () => import('./Panel.tsx'),
};
