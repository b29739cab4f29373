import { choice, type Fields, idOrNone, numberIn, orNull } from '../../../state/fields.ts';
import type { View } from '../view.ts';

export interface OverTimeFields {
  /** Id of the figure that is drawn large; '': the first. */
  figure: string;
  layers: 'all' | 'one';
  /** Rank whose load is drawn; null: all of them. */
  rank: number | null;
  on: 'validation' | 'training';
}

const fields: Fields<OverTimeFields> = {
  figure: idOrNone('both'),
  layers: choice(['all', 'one'], 'all', 'both'),
  rank: orNull(numberIn({ min: 0, max: 63, isWhole: true }, 0, 'both')),
  on: choice(['validation', 'training'], 'validation', 'both'),
};

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
  fields,
  load: () => import('./Panel.tsx'),
};
