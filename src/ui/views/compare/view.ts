import { choice, flag, idOrNone, ids, orNull } from '../../../state/fields.ts';
import type { View } from '../view.ts';
import { type Compared, MAX_CHARTS, MAX_COLUMNS } from './compared.ts';

export const view: View<Compared> = {
  id: 'compare',
  title: 'Comparison',
  needs: {},
  rows: 80,
  fields: {
    columns: orNull(ids([], MAX_COLUMNS, 'both')),
    order: idOrNone('both'),
    isDescending: flag(false, 'both'),
    group: idOrNone('both'),
    isFolded: flag(false, 'both'),
    onlyDifferent: flag(false, 'both'),
    x: choice(['steps', 'tokens', 'flops', 'realised', 'seconds'], 'steps', 'both'),
    metrics: ids(['ce', 'validation'], MAX_CHARTS, 'both'),
    hasJson: flag(false, 'link'),
  },
  load: () => import('./Panel.tsx'),
};
