import { choice, type Fields } from '../../../state/fields.ts';
import type { GroupCells } from '../../kit/GroupMatrix.tsx';

export interface DecilesFields {
  /** What the cells of the matrix are. */
  cells: GroupCells;
}

export const FIELDS: Fields<DecilesFields> = {
  cells: choice(['lift', 'specialisation', 'counts'], 'lift', 'both'),
};
