import type { View } from '../view.ts';
import { FIELDS, type OverTimeFields } from './fields.ts';

export const view: View<OverTimeFields> = {
  id: 'overtime',
  title: 'Over training time',
  about: {
    label: 'Over training time',
    meaning:
      'Every figure of routing over steps: of one validation batch, always the same, or of each training step’s own batch, with its capacity and random drops.',
  },
  needs: { moe: true, run: 'any' },
  rows: 90,
  fields: FIELDS,
  load: () => import('./Panel.tsx'),
};
