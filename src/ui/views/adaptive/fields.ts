import type { PolicyShares } from '../../../config/ladimo.ts';
import { type Fields, idOrNone, numberIn, orNull } from '../../../state/fields.ts';

export interface AdaptiveFields {
  /** Parts of the weights that count as sure, and as unsure; null: those of the conversion's settings. */
  pu: number | null;
  pe: number | null;
  /** Converted layer whose weights are shown; -1: the first. */
  layer: number;
  /** Domain whose tokens are shown; '' for all. */
  domain: string;
}

export const ADAPTIVE_FIELDS: Fields<AdaptiveFields> = {
  pu: orNull(numberIn({ min: 0, max: 1 }, 0.25, 'both')),
  pe: orNull(numberIn({ min: 0, max: 1 }, 0.25, 'both')),
  layer: numberIn({ min: -1, max: 127, isWhole: true }, -1, 'both'),
  domain: idOrNone('both'),
};

/** With the parts of the settings where a person chose none. */
export interface Chosen extends Omit<AdaptiveFields, 'pu' | 'pe'>, PolicyShares {}

export function chosen(value: AdaptiveFields, { pu, pe }: PolicyShares): Chosen {
  return { ...value, pu: value.pu ?? pu, pe: value.pe ?? pe };
}
