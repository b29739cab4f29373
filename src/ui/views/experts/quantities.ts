/** What the map of layers and slots can show. */
import type { FigureFormat } from '../../../analysis/figures/figure.ts';
import { FIGURES } from '../../../analysis/figures.ts';
import { countsAt, hardShares, ratiosOf, sharesOf } from '../../../analysis/slotLoads.ts';
import type { ResultOf } from '../../../state/looks/looked.ts';
import type { ColorScale } from '../../kit/figure/scales.ts';
import type { ExpertsFields } from './fields.ts';

export type LoadResult = ResultOf<{ figure: 'load'; weights: 'uniform' }>;
export type DecilesResult = ResultOf<{ figure: 'deciles' }>;

/** One layer's values that quantities are taken from. */
export interface LayerNumbers {
  load: LoadResult['layers'][number]['values'];
  deciles: DecilesResult['layers'][number]['values'];
  /** Ideal weights [R]. */
  weights: readonly number[];
}

export interface Quantity {
  id: ExpertsFields['quantity'];
  label: string;
  formula: string;
  /** The formula for one rank; '' where there is none of one rank. */
  ofRank: string;
  format: FigureFormat;
  color: ColorScale;
  /** One value per slot [R]; empty beyond the layer's ranks. */
  values: (of: LayerNumbers, rank: number | null) => ArrayLike<number>;
}

const rows = FIGURES.load.layerRows;

export const QUANTITIES: readonly Quantity[] = [
  {
    ...{ id: 'counts', label: rows.total.label, formula: rows.total.formula },
    ...{ ofRank: 'n_wi', format: 'count', color: 'sequential' },
    values: ({ load }, rank) => countsAt(load, rank),
  },
  {
    ...{ id: 'share', label: rows.share.label, formula: rows.share.formula },
    ...{ ofRank: 'n_wi / Σ n_w', format: 'percent', color: 'sequential' },
    values: ({ load }, rank) => (rank === null ? load.share.data : sharesOf(countsAt(load, rank))),
  },
  {
    ...{ id: 'ratio', label: rows.ratio.label, formula: rows.ratio.formula },
    ...{ ofRank: 'n_wi / (Σ n_w · wᵢ / Σw)', format: 'ratio', color: 'ratio' },
    values: ({ load, weights }, rank) =>
      rank === null ? load.ratio.data : ratiosOf(countsAt(load, rank), weights),
  },
  {
    ...{ id: 'gateMass', label: rows.gateMass.label, formula: rows.gateMass.formula },
    ...{ ofRank: '', format: 'decimal', color: 'sequential' },
    values: ({ load }) => load.gateMass.data,
  },
  {
    ...{ id: 'gateMean', label: rows.gateMean.label, formula: rows.gateMean.formula },
    ...{ ofRank: '', format: 'decimal', color: 'sequential' },
    values: ({ load }) => load.gateMean.data,
  },
  {
    ...{ id: 'hard', label: 'Hardest decile', formula: 'n₉ᵢ / cᵢ' },
    ...{ ofRank: '', format: 'percent', color: 'sequential' },
    values: ({ load, deciles }) => hardShares(deciles.counts, load.total),
  },
];

export function quantityOf(id: ExpertsFields['quantity']): Quantity {
  return QUANTITIES.find((quantity) => quantity.id === id) ?? (QUANTITIES[0] as Quantity);
}

export const rankName = (rank: number | null) => (rank === null ? 'all ranks' : `rank ${rank}`);
