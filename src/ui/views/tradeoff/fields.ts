import { choice, type Fields, numberIn } from '../../../state/fields.ts';

export interface TradeoffFields {
  shape: 'teacher' | 'demanding';
  speed: 'prefill' | 'decode';
  rounds: number;
  /** Items of each probe task and domain. */
  items: number;
}

export const TRADEOFF_FIELDS: Fields<TradeoffFields> = {
  shape: choice(['teacher', 'demanding'], 'teacher', 'both'),
  speed: choice(['prefill', 'decode'], 'decode', 'both'),
  rounds: numberIn({ min: 1, max: 50, isWhole: true }, 15, 'both'),
  items: numberIn({ min: 1, max: 1000, isWhole: true }, 8, 'both'),
};
