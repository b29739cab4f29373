import { choice, flag, numberIn } from '../../../state/fields.ts';
import { ownText } from '../../../state/looks/subjectFields.ts';
import type { View } from '../view.ts';
import { SHADE_IDS, type ShadeId } from './shadeIds.ts';

export interface PassageFields {
  source: 'looked' | 'typed';
  /** Sequence of the text that is looked at, over all its batches. */
  sequence: number;
  typed: string;
  shade: ShadeId;
  /** Whether what has a mean over layers is shown over all of them. */
  over: boolean;
  /** Whether every token's number stands below it. */
  numbers: boolean;
}

export const view: View<PassageFields> = {
  id: 'passage',
  title: 'Token by token',
  about: {
    label: 'A passage token by token',
    meaning:
      'One sequence, alone in its batch, as the model sees it: each token shaded by what it costs or where it goes. Point at a token for its whole path; pin it and ask what would be if it were routed otherwise. The answer is two passes at the same step, one without and one with what you ask; training stays as it is, bit for bit.',
    source: 'MoE++ Figures 5 and A',
  },
  needs: {},
  rows: 60,
  fields: {
    source: choice(['looked', 'typed'], 'looked', 'local'),
    sequence: numberIn({ min: 0, max: 1e6, isWhole: true }, 0, 'both'),
    typed: ownText,
    shade: choice(SHADE_IDS, 'loss', 'both'),
    over: flag(true, 'both'),
    numbers: flag(true, 'local'),
  },
  load: () => import('./Panel.tsx'),
};
