import type { SlotKind } from '../../../config/experiment.ts';
import { SLOT_KINDS } from '../../../config/slots.ts';
import { choice, type Fields } from '../../../state/fields.ts';
import type { GroupCells } from '../../kit/GroupMatrix.tsx';

export interface ByDomainFields {
  /** What the cells of the matrix are. */
  cells: GroupCells;
  /** Whether kinds are counted per token or as parts of the assignments. */
  per: 'token' | 'assignment';
  /** The kind that is shown layer by layer. */
  kind: SlotKind;
}

export const FIELDS: Fields<ByDomainFields> = {
  cells: choice(['lift', 'specialisation', 'counts'], 'lift', 'both'),
  per: choice(['token', 'assignment'], 'token', 'both'),
  kind: choice(SLOT_KINDS, 'ffn', 'both'),
};
