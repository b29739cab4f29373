import { choice, type Fields, numberIn } from '../../../state/fields.ts';

export interface PrintedFields {
  paper: 'modse' | 'moepp' | 'tcmoe' | 'equalres' | 'ladimo';
  /** Place of the table among the paper's. */
  table: number;
  /** EqualRes: size of the models, and what their points are drawn against. */
  size: '2B' | '3B' | '7B';
  against: 'ra' | 'C';
}

export const PRINTED_FIELDS: Fields<PrintedFields> = {
  paper: choice(['modse', 'moepp', 'tcmoe', 'equalres', 'ladimo'], 'modse', 'both'),
  table: numberIn({ min: 0, max: 99, isWhole: true }, 0, 'both'),
  size: choice(['2B', '3B', '7B'], '2B', 'both'),
  against: choice(['ra', 'C'], 'ra', 'both'),
};
