import { type Fields, numberIn } from '../../../state/fields.ts';

export interface MaxWeightsFields {
  /** Parts of the weights that count as uneven, and as even. */
  pu: number;
  pe: number;
  /** The domain whose tokens are shown, by its place; -1 for all. */
  domain: number;
}

export const MAX_WEIGHTS_FIELDS: Fields<MaxWeightsFields> = {
  pu: numberIn({ min: 0, max: 1 }, 0.25, 'both'),
  pe: numberIn({ min: 0, max: 1 }, 0.25, 'both'),
  domain: numberIn({ min: -1, max: 255, isWhole: true }, -1, 'both'),
};
