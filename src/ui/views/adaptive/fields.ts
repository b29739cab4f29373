import { type Fields, idOrNone, numberIn } from '../../../state/fields.ts';

export interface AdaptiveFields {
  /** Parts of the weights that count as sure, and as unsure. */
  pu: number;
  pe: number;
  /** Converted layer whose weights are shown; -1: the first. */
  layer: number;
  /** Domain whose tokens are shown; '' for all. */
  domain: string;
}

export const ADAPTIVE_FIELDS: Fields<AdaptiveFields> = {
  pu: numberIn({ min: 0, max: 1 }, 0.25, 'both'),
  pe: numberIn({ min: 0, max: 1 }, 0.25, 'both'),
  layer: numberIn({ min: -1, max: 127, isWhole: true }, -1, 'both'),
  domain: idOrNone('both'),
};
