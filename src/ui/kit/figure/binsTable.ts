import type { HistogramSeries } from './Histogram.tsx';
import type { FigureTable } from './table.ts';

/** The table of a histogram: where each bin begins and ends, and every series' values in it. */
export function binsTable(
  edges: readonly number[],
  series: readonly HistogramSeries[],
): FigureTable {
  return {
    columns: [
      { title: 'from', format: 'decimal' },
      { title: 'to', format: 'decimal' },
      ...series.map(({ label }) => ({ title: label, format: 'count' as const })),
    ],
    rows: edges
      .slice(0, -1)
      .map((from, i) => [
        from,
        edges[i + 1] ?? null,
        ...series.map(({ counts }) => counts[i] ?? null),
      ]),
  };
}
