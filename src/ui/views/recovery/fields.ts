import { type Fields, idOrNone, numberIn } from '../../../state/fields.ts';

export interface RecoveryFields {
  /** Domain to train on; '' for the first. */
  domain: string;
  steps: number;
}

export const RECOVERY_FIELDS: Fields<RecoveryFields> = {
  domain: idOrNone('both'),
  steps: numberIn({ min: 1, max: 1_000_000, isWhole: true }, 200, 'both'),
};
