import type { View } from '../view.ts';

export const view: View = {
  id: 'domains',
  title: 'Routing by domain',
  about: {
    label: 'Share of a domain and its lift',
    meaning:
      'Number: part of the domain’s assignments that goes to the slot. Colour: that share against the slot’s share of all text; 1× means that the slot does not care about the domain.',
    formula: 's(i | d) = c(i, d) / Σ_i c(i, d); lift = s(i | d) / s(i)',
  },
  needs: { moe: true },
  rows: 28,
  fields: {},
  load: () => import('./Panel.tsx'),
};
