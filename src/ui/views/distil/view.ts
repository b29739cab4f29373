import { choice, type Fields, flag } from '../../../state/fields.ts';
import type { View } from '../view.ts';

export interface DistilFields {
  loss: 'mse' | 'balance';
  /** Whether equal factors lie equally far apart. */
  isLog: boolean;
}

const FIELDS: Fields<DistilFields> = {
  loss: choice(['mse', 'balance'], 'mse', 'both'),
  isLog: flag(true, 'both'),
};

export const view: View<DistilFields> = {
  id: 'distil',
  title: 'Distillation',
  needs: {},
  rows: 45,
  fields: FIELDS,
  load: () => import('./Panel.tsx'),
};
