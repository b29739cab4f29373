import { choice, type Fields } from '../../../state/fields.ts';
import type { GroupCells } from '../../kit/GroupMatrix.tsx';

export interface ClassesFields {
  /** What the cells of the matrix are. */
  cells: GroupCells;
}

export const FIELDS: Fields<ClassesFields> = {
  cells: choice(['lift', 'specialisation', 'counts'], 'lift', 'both'),
};
