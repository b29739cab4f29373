import { type Fields, idOrNone, numberIn } from '../../../state/fields.ts';
import type { View } from '../view.ts';

export interface RecoveryFields {
  /** Domain to train on; '' for the first. */
  domain: string;
  steps: number;
}

const FIELDS: Fields<RecoveryFields> = {
  domain: idOrNone('both'),
  steps: numberIn({ min: 1, max: 1_000_000, isWhole: true }, 200, 'both'),
};

export const view: View<RecoveryFields> = {
  id: 'recovery',
  title: 'Recovery of domains',
  needs: {},
  rows: 40,
  fields: FIELDS,
  load: () => import('./Panel.tsx'),
};
