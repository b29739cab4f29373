import type { View } from '../view.ts';

export const view: View = {
  id: 'solver',
  title: 'Resource solver',
  about: {
    label: 'Resource solver',
    meaning:
      'Finds an expert space whose held resources equal the reference within 1 %, by trying every whole number within bounds: up to 64 experts, widths up to 16,384. What is left empty stays as in the settings, or is solved for where a target needs it.',
    formula: 'N, Nₐ, rₐ = Nₐ/N, M = 2·Nₐ + 4·D·S·L, C = 3·M·tokens',
    source: 'EqualRes 1–6',
  },
  needs: {},
  rows: 30,
  fields: {},
  load: () => import('./Panel.tsx'),
};
