import { choice, type Fields, numberIn } from '../../../state/fields.ts';
import type { View } from '../view.ts';

export interface TradeoffFields {
  shape: 'teacher' | 'demanding';
  speed: 'prefill' | 'decode';
  rounds: number;
}

const FIELDS: Fields<TradeoffFields> = {
  shape: choice(['teacher', 'demanding'], 'teacher', 'both'),
  speed: choice(['prefill', 'decode'], 'decode', 'both'),
  rounds: numberIn({ min: 1, max: 50, isWhole: true }, 5, 'both'),
};

export const view: View<TradeoffFields> = {
  id: 'tradeoff',
  title: 'Quality against throughput',
  needs: {},
  rows: 60,
  fields: FIELDS,
  load: () => import('./Panel.tsx'),
};
