import { choice, type Fields } from '../../../state/fields.ts';

export const ORDERS = ['domain', 'vio', 'text'] as const;

export interface SequencesFields {
  /** In which order the sequences stand: by their domain, the most uneven first, or as they came. */
  order: (typeof ORDERS)[number];
}

export const FIELDS: Fields<SequencesFields> = { order: choice(ORDERS, 'domain', 'both') };
