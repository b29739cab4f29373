/** The map of layers and slots: its rows, dense layers among them. */
import { idealWeights } from '../../../accounting/loadMetrics.ts';
import { experimentAtStep } from '../../../config/edit.ts';
import type { Look } from '../../../state/looks/looked.ts';
import type { LongLabel } from '../../kit/figure/label.ts';
import type { FigureTable } from '../../kit/figure/table.ts';
import type { Answered } from '../../kit/LookSides.tsx';
import { areRanked, slotColumns, slotLabels } from '../../kit/lookWords.ts';
import type { ExpertsFields } from './fields.ts';
import { type LayerNumbers, QUANTITIES, type Quantity, rankName } from './quantities.ts';

export type ExpertsRequests = readonly [
  { figure: 'load'; weights: ExpertsFields['weights'] },
  { figure: 'deciles' },
];
export type ExpertsSeen = Answered<ExpertsRequests>;

export interface MapRow {
  layer: number;
  label: string;
  title: string;
  /** Names of the layer's slots [R]; none of a dense layer. */
  slots: readonly LongLabel[];
  /** Null for a dense layer. */
  numbers: LayerNumbers | null;
}

/** All layers of the model in order of depth, dense ones named. */
export function mapRows(
  { side, look, results: [load, deciles] }: ExpertsSeen,
  weights: ExpertsFields['weights'],
): MapRow[] {
  const { model, router } = experimentAtStep(side.source.head.experiment, look.step + 1);
  return Array.from({ length: model.L }, (_, layer): MapRow => {
    const at = look.layers.findIndex((one) => one.layer === layer);
    const space = look.layers[at];
    const [loads, hard] = [load.layers[at]?.values, deciles.layers[at]?.values];
    if (space === undefined || loads === undefined || hard === undefined)
      return {
        ...{ layer, label: `L${layer} dense`, title: `layer ${layer}, dense` },
        ...{ slots: [], numbers: null },
      };
    const ideal =
      weights === 'tau' ? idealWeights(space.kinds, router.tau) : space.kinds.map(() => 1);
    return {
      ...{ layer, label: `L${layer}`, title: `layer ${layer}`, slots: slotLabels(space) },
      numbers: { load: loads, deciles: hard, weights: ideal },
    };
  });
}

/** Most ranks of any layer; 0 where ranks have no meaning in one. */
export function ranksOf(looks: readonly Look[]): number {
  if (!looks.every(areRanked)) return 0;
  return Math.max(1, ...looks.flatMap(({ layers }) => layers.map(({ W }) => W)));
}

/** Names of the columns; dense layers have none. */
export function columnsOf(rows: readonly MapRow[]): LongLabel[] {
  return slotColumns(rows.filter(({ numbers }) => numbers !== null).map(({ slots }) => slots));
}

/** Every quantity of every slot; those of a rank where one is chosen. */
export function mapTable(rows: readonly MapRow[], rank: number | null): FigureTable {
  const ofRank = (quantity: Quantity) => rank !== null && quantity.ofRank !== '';
  const columns = QUANTITIES.map((quantity) => ({
    title: ofRank(quantity) ? `${quantity.label}, ${rankName(rank)}` : quantity.label,
    format: quantity.format,
  }));
  return {
    columns: [
      { title: 'layer', format: 'index' },
      { title: 'slot', format: 'index' },
      { title: 'expert' },
      ...columns,
    ],
    rows: rows.flatMap(({ layer, numbers, slots }) => {
      if (numbers === null) return [[layer, null, 'dense', ...QUANTITIES.map(() => null)]];
      const values = QUANTITIES.map((quantity) =>
        quantity.values(numbers, ofRank(quantity) ? rank : null),
      );
      return slots.map(({ label }, i) => [
        ...[layer, i, label],
        ...values.map((one) => one[i] ?? null),
      ]);
    }),
  };
}
