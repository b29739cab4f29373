/** What a person chooses of the view. */
import { choice, type Fields } from '../../../state/fields.ts';

export interface WorkloadFields {
  /** What is shown of every layer. */
  work: 'widthMean' | 'widthPerToken' | 'computingMean';
  /** What drops are counted by. */
  by: 'slot' | 'position' | 'sequence';
}

export const WORKLOAD_FIELDS: Fields<WorkloadFields> = {
  work: choice(['widthMean', 'widthPerToken', 'computingMean'], 'widthMean', 'both'),
  by: choice(['slot', 'position', 'sequence'], 'slot', 'both'),
};
