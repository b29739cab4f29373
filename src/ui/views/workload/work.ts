/** Widths and computing experts of every layer. */
import { evenWidth } from '../../../analysis/figures/workload.ts';
import { FIGURES } from '../../../analysis/figures.ts';
import type { Look, ResultOf } from '../../../state/looks/looked.ts';
import type { BarsProps } from '../../kit/figure/Bars.tsx';
import type { HeatMapProps } from '../../kit/figure/HeatMap.tsx';
import type { FigureTable } from '../../kit/figure/table.ts';
import { formatPercent } from '../../kit/format.ts';
import type { WorkloadFields } from './fields.ts';

export type WorkloadResult = ResultOf<{ figure: 'workload' }>;
type Work = WorkloadFields['work'];

export const WORK_ROWS = FIGURES.workload.layerRows;
export const WORKS = ['widthMean', 'widthPerToken', 'computingMean'] as const;

const ALL = { label: 'all', title: 'all layers' };
const layerLabel = (layer: number) => ({ label: `L${layer}`, title: `layer ${layer}` });

/** Width per assignment where all slots of a layer get the same; of other figures nothing. */
function evenOf({ layers }: Look, work: Work): number[] {
  return layers.map(({ hidden }) => (work === 'widthMean' ? evenWidth(hidden) : Number.NaN));
}

export function workBars(look: Look, { layers, values }: WorkloadResult, work: Work): BarsProps {
  const { label, format } = WORK_ROWS[work];
  const even = evenOf(look, work);
  const own = layers.map((one) => one.values[work]);
  return {
    categories: [...layers.map(({ layer }) => layerLabel(layer)), ALL],
    series: [{ label, color: 'var(--figure-1)', values: [...own, values[work]] }],
    ...(work === 'widthMean' ? { ideal: (i: number) => even[i] ?? Number.NaN } : {}),
    ...{ idealLabel: 'equal loads', format, direction: 'vertical', along: 'MoE layer' },
    quantity: work === 'computingMean' ? 'experts per token' : 'hidden units',
  };
}

export function workTable(look: Look, { layers, values }: WorkloadResult): FigureTable {
  const even = evenOf(look, 'widthMean');
  return {
    columns: [
      { title: 'layer' },
      ...WORKS.map((work) => ({ title: WORK_ROWS[work].label, format: WORK_ROWS[work].format })),
      { title: 'Width at equal loads', format: 'units' },
    ],
    rows: [
      ...layers.map((one, at) => [
        String(one.layer),
        ...WORKS.map((work) => one.values[work]),
        even[at] ?? null,
      ]),
      ['all', ...WORKS.map((work) => values[work]), null],
    ],
  };
}

/** Tokens by computing experts: of every layer, and summed over them. */
function histograms({ layers, values }: WorkloadResult) {
  const own = layers.map(({ layer, values }) => ({
    ...{ label: layerLabel(layer), name: String(layer), tokens: values.histogram.data },
  }));
  return [...own, { label: ALL, name: 'all', tokens: values.histogram.data }];
}

export function histogramMap(result: WorkloadResult): HeatMapProps {
  const rows = histograms(result);
  const sums = rows.map(({ tokens }) => tokens.reduce((sum, n) => sum + n, 0));
  const part = (row: number, column: number) =>
    (rows[row]?.tokens[column] ?? Number.NaN) / (sums[row] ?? 0);
  return {
    rows: rows.map(({ label }) => label),
    columns: Array.from(result.values.histogram.data, (_, experts) => ({
      label: String(experts),
      title: `${experts} computing`,
    })),
    value: part,
    mark: (row, column) => (column < (rows[row]?.tokens.length ?? 0) ? null : 'absent'),
    ...{
      format: 'percent',
      color: 'sequential',
      quantity: 'part of the tokens; columns: computing experts',
      span: [0, 1],
    },
    more: (row, column) => [
      ['tokens', (rows[row]?.tokens[column] ?? Number.NaN).toLocaleString('en')],
    ],
  };
}

export function histogramTable(result: WorkloadResult): FigureTable {
  const means = [...result.layers.map(({ values }) => values.computingMean)];
  return {
    columns: [
      { title: 'layer' },
      { title: 'mean', format: 'decimal' },
      ...Array.from(result.values.histogram.data, (_, experts) => ({
        title: `${experts} computing`,
        format: 'count' as const,
      })),
    ],
    rows: histograms(result).map(({ name, tokens }, at) => [
      name,
      means[at] ?? result.values.computingMean,
      ...Array.from(result.values.histogram.data, (_, experts) => tokens[experts] ?? null),
    ]),
  };
}

/** The mean of computing experts with the parts of the tokens, in words. */
export function histogramWords({ values }: WorkloadResult): string {
  const sum = values.histogram.data.reduce((all, n) => all + n, 0);
  return Array.from(
    values.histogram.data,
    (n, experts) => `${experts}: ${formatPercent(n / sum)}`,
  ).join(', ');
}
