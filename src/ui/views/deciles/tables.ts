/** The numbers of the view as tables: what stands behind its figures. */
import type { deciles } from '../../../analysis/figures/deciles.ts';
import type { FigureTensor } from '../../../analysis/figures/figure.ts';
import type { FigureTable } from '../../kit/figure/table.ts';

export type Result = ReturnType<typeof deciles.compute>;

const [EASIEST, HARDEST] = [0, 9];

/** 0, the easiest, to 9. */
export const DECILE_LABELS = Array.from({ length: HARDEST + 1 }, (_, d) => {
  const remark = d === EASIEST ? ' easiest' : d === HARDEST ? ' hardest' : '';
  return { label: `${d}${remark}`, short: String(d), title: `decile ${d}${remark}` };
});

const at = ({ data }: FigureTensor, i: number): number | null => data[i] ?? null;

export function lossTable({ thresholds, tokens, ce }: Result['values']): FigureTable {
  return {
    columns: [
      { title: 'decile', format: 'index' },
      { title: 'loss above, nats', format: 'nats' },
      { title: 'loss up to, nats', format: 'nats' },
      { title: 'tokens', format: 'count' },
      { title: 'mean loss, nats', format: 'nats' },
    ],
    rows: DECILE_LABELS.map((_, d) => [
      d,
      at(thresholds, d - 1),
      at(thresholds, d),
      at(tokens, d),
      at(ce, d),
    ]),
  };
}

/** What the tokens of each decile are given, over all layers and in each. */
export function workTable(
  { values, layers }: Result,
  of: 'width' | 'computing',
  title: string,
): FigureTable {
  const format = of === 'width' ? 'units' : 'decimal';
  return {
    columns: [
      { title: 'decile', format: 'index' },
      { title: `${title}, all layers`, format },
      ...layers.map(({ layer }) => ({ title: `${title}, layer ${layer}`, format }) as const),
    ],
    rows: DECILE_LABELS.map((_, d) => [
      d,
      at(values[of], d),
      ...layers.map((layer) => at(layer.values[of], d)),
    ]),
  };
}
