import { choice, type Fields } from '../../../state/fields.ts';

export interface SpecialismFields {
  /** Steps of a run that are counted, its last ones. */
  steps: '16' | '64' | '256';
  /** MaxVio of all of them together, or of single batches. */
  scope: 'window' | 'batch';
  /** What the slot tells of a token's domain: in nats, or as a part of what it could. */
  measure: 'information' | 'normalised';
  /** A point for each layer, or one for the mean over them. */
  points: 'layers' | 'mean';
}

export const FIELDS: Fields<SpecialismFields> = {
  steps: choice(['16', '64', '256'], '64', 'both'),
  scope: choice(['window', 'batch'], 'window', 'both'),
  measure: choice(['information', 'normalised'], 'normalised', 'both'),
  points: choice(['layers', 'mean'], 'layers', 'both'),
};
