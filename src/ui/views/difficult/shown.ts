/** What the figures on difficult tokens show: numbers of one answer, in words and in tables. */
import type { FigureTensor } from '../../../analysis/figures/figure.ts';
import { reductions } from '../../../analysis/papers/modse.ts';
import { columnOf } from '../../../analysis/papers/printed.ts';
import type { Look, ResultOf } from '../../../state/looks/looked.ts';
import type { FigureTable } from '../../kit/figure/table.ts';
import { elementAt } from '../../kit/figure/tensor.ts';
import { formatLoss } from '../../kit/format.ts';
import { areRanked, slotLabels } from '../../kit/lookWords.ts';
import type { DifficultFields, requestOf } from './fields.ts';

export type DifficultResult = ResultOf<ReturnType<typeof requestOf>>;

/** One answer, and what it is an answer to. */
export interface Answered {
  result: DifficultResult;
  look: Look;
  value: DifficultFields;
}

/** Ranks that are shown: all of a look in which they have no meaning. */
export function shownRank(
  { rank }: DifficultFields,
  look: Pick<Look, 'layers'> | null,
): DifficultFields['rank'] {
  return look === null || areRanked(look) ? rank : 'all';
}

const numbers = ({ data }: FigureTensor) => Array.from(data);

/** Thresholds as they are called: "q 0.9: > 3.21 nats". */
export function thresholdNames({ result, value }: Answered): string[] {
  return numbers(result.values.thresholds).map((theta, i) =>
    value.by === 'nats' ? `> ${theta}` : `q ${value.quantiles[i]}: > ${formatLoss(theta)}`,
  );
}

/** What the paper prints of each threshold in a column of its Table 5; null where it has none. */
export function printedAt({ result, value }: Answered, column: string): (number | null)[] {
  const [thetas, cells] = [columnOf(reductions, 'threshold'), columnOf(reductions, column)];
  return numbers(result.values.thresholds).map((theta) => {
    const at = value.by === 'nats' ? thetas.indexOf(theta) : -1;
    return cells[at] ?? null;
  });
}

/** Table 5 of this run, the paper's numbers beside. */
export function lossTable(of: Answered): FigureTable {
  const { thresholds, count, baselineCe, ce, reduction } = of.result.values;
  const tokens = printedAt(of, 'tokens');
  const printed = printedAt(of, 'reduction');
  const isNats = of.value.by === 'nats';
  return {
    columns: [
      ...(isNats ? [] : [{ title: 'quantile', format: 'decimal' as const }]),
      { title: 'threshold', format: 'nats' },
      { title: 'tokens', format: 'count' },
      { title: 'baseline’s loss', format: 'nats' },
      { title: 'loss here', format: 'nats' },
      { title: 'reduction', format: 'nats' },
      ...(isNats
        ? [
            { title: 'reduction, MoDSE Table 5', format: 'nats' as const },
            { title: 'tokens, MoDSE Table 5', format: 'count' as const },
          ]
        : []),
    ],
    rows: numbers(thresholds).map((theta, i) => [
      ...(isNats ? [] : [of.value.quantiles[i] ?? null]),
      ...[theta, count.data[i] ?? null, baselineCe.data[i] ?? null, ce.data[i] ?? null],
      reduction.data[i] ?? null,
      ...(isNats ? [printed[i] ?? null, tokens[i] ?? null] : []),
    ]),
  };
}

/** Difficult tokens of a threshold by layer and slot, at rank 0 and at all ranks. */
export function routingTable({ result, look }: Answered, place: number): FigureTable {
  return {
    columns: [
      { title: 'layer', format: 'index' },
      { title: 'slot', format: 'index' },
      { title: 'name' },
      { title: 'width', format: 'count' },
      { title: 'rank 0', format: 'count' },
      { title: 'all ranks', format: 'count' },
    ],
    rows: result.layers.flatMap(({ layer, values: { rank0, all } }, l) => {
      const looked = look.layers[l];
      if (looked === undefined) return [];
      return slotLabels(looked).map(({ short }, slot) => [
        ...[layer, slot, short ?? '', looked.hidden[slot] ?? null],
        ...[elementAt(rank0, place, slot), elementAt(all, place, slot)],
      ]);
    }),
  };
}

/** Table 6 of this run: sums over wider and narrower experts. */
export function sumsTable(of: Answered): FigureTable {
  const { thresholds, widerRank0, narrowerRank0, widerAll, narrowerAll } = of.result.values;
  const columns = ['wider, rank 0', 'narrower, rank 0', 'wider, all ranks', 'narrower, all ranks'];
  return {
    columns: [
      { title: 'threshold', format: 'nats' },
      ...columns.map((title) => ({ title, format: 'count' as const })),
    ],
    rows: numbers(thresholds).map((theta, i) => [
      theta,
      ...[widerRank0, narrowerRank0, widerAll, narrowerAll].map(({ data }) => data[i] ?? null),
    ]),
  };
}
