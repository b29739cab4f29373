import { choice, type Fields, numberIn, orNull } from '../../../state/fields.ts';

export interface PruningFields {
  /** What makes a slot one of a domain's. */
  rule: 'lift' | 'count';
  /** Its least lift. */
  least: number;
  /** Or how many slots have the most assignments. */
  most: number;
  /** The layer that is pruned; null: every MoE layer. */
  layer: number | null;
}

export const MOST = { least: 64, most: 256 } as const;

export const FIELDS: Fields<PruningFields> = {
  rule: choice(['lift', 'count'], 'lift', 'both'),
  least: numberIn({ min: 0, max: MOST.least }, 1, 'both'),
  most: numberIn({ min: 1, max: MOST.most, isWhole: true }, 4, 'both'),
  layer: orNull(numberIn({ min: 0, max: 4095, isWhole: true }, 0, 'both')),
};
