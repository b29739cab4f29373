import { choice, type Fields, flag } from '../../../state/fields.ts';

export interface DistilFields {
  loss: 'mse' | 'balance';
  /** Whether equal factors lie equally far apart. */
  isLog: boolean;
}

export const DISTIL_FIELDS: Fields<DistilFields> = {
  loss: choice(['mse', 'balance'], 'mse', 'both'),
  isLog: flag(true, 'both'),
};
