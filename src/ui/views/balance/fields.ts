/** What a person chooses of the balance over training. */
import { choice, type Fields } from '../../../state/fields.ts';

export const WINDOWS = ['4', '16', '64', '256'] as const;

export interface BalanceFields {
  /** Steps whose loads are taken together. */
  window: (typeof WINDOWS)[number];
}

export const FIELDS: Fields<BalanceFields> = { window: choice(WINDOWS, '16', 'both') };
