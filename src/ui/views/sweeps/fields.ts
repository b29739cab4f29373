import { choice, type Field, type Fields, idOrNone, passing } from '../../../state/fields.ts';

export interface SweepsFields {
  /** The plan as `encodePlan` writes it; '' for a new one. */
  plan: string;
  /** Item of the queue whose results are shown; '' for the latest. */
  item: string;
  /** Metric, and the setting or resource that it is drawn against; '' for the first. */
  metric: string;
  against: string;
  /** FLOPs of the front. */
  front: 'flops' | 'realised';
}

const asText = (value: unknown) =>
  typeof value === 'string' && /^[\w-]{0,20000}$/.test(value) ? value : undefined;
const plan: Field<string> = {
  ...{ default: '', home: 'both', check: asText, write: (value) => value, read: asText },
};

export const SWEEPS_FIELDS: Fields<SweepsFields> = {
  plan,
  item: passing(''),
  metric: idOrNone('both'),
  against: idOrNone('both'),
  front: choice(['flops', 'realised'], 'flops', 'both'),
};
