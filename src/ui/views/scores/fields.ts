import { choice, type Fields } from '../../../state/fields.ts';

/** Numbers of a layer, in the order in which they are offered. */
export const MEASURES = [
  'top1Mean',
  'top1Variance',
  'top2Mean',
  'top2Variance',
  'confidence',
  'margin',
  'tokenEntropy',
  'meanEntropy',
  'mutualInformation',
  'logitNorm',
  'logitMax',
] as const;

export type Measure = (typeof MEASURES)[number];

export interface ScoresFields {
  measure: Measure;
}

export const SCORES_FIELDS: Fields<ScoresFields> = {
  measure: choice(MEASURES, 'top1Variance', 'both'),
};
