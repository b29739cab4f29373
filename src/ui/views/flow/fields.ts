/** What a person chooses of the view. */
import { choice, type Fields } from '../../../state/fields.ts';

export interface FlowFields {
  /** Ribbons between all layers, or the matrix of one layer and the next. */
  form: 'ribbons' | 'matrix';
}

export const FLOW_FIELDS: Fields<FlowFields> = {
  form: choice(['ribbons', 'matrix'], 'ribbons', 'both'),
};
