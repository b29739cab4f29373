/** EqualRes's own points: bits per character against activation rate, or against training compute. */
import {
  dense,
  fixedC2B,
  fixedC7B,
  fixedD7B,
  fixedRa2B,
  loose7B,
  strict3B65,
  strict3B114,
  strict7B,
} from '../../../analysis/papers/equalres.ts';
import { columnOf, type PrintedTable } from '../../../analysis/papers/printed.ts';
import type { PointSeries } from '../../kit/figure/Points.tsx';
import type { FigureTable } from '../../kit/figure/table.ts';
import type { PrintedFields } from './fields.ts';

type Size = PrintedFields['size'];

/** One model of the paper. */
export interface PrintedPoint {
  series: string;
  table: string;
  /** Activation rate; null for dense models. */
  ra: number | null;
  C: number;
  bpc: number;
}

function pointsOf(series: string, table: PrintedTable): PrintedPoint[] {
  const [ra, C, bpc] = ['ra_percent', 'C', 'bpc'].map((column) => columnOf(table, column));
  return table.rows.map((_, i) => ({
    ...{ series, table: table.where, ra: ra![i]! / 100, C: C![i]!, bpc: bpc![i]! },
  }));
}

/** Table 9, a series per activation rate. */
function fixedRates(): PrintedPoint[] {
  const rates = columnOf(fixedRa2B, 'ra_percent');
  return pointsOf('', fixedRa2B).map((point, i) => ({ ...point, series: `ra ${rates[i]}%` }));
}

const BILLIONS: Readonly<Record<Size, readonly [least: number, most: number]>> = {
  '2B': [2e9, 2.5e9],
  '3B': [3e9, 4e9],
  '7B': [6e9, 7e9],
};

function densePoints(size: Size): PrintedPoint[] {
  const [N, C, bpc] = ['N', 'C', 'bpc'].map((column) => columnOf(dense, column));
  const [least, most] = BILLIONS[size];
  return dense.rows.flatMap((_, i) =>
    N![i]! >= least && N![i]! < most
      ? [{ series: 'dense', table: dense.where, ra: null, C: C![i]!, bpc: bpc![i]! }]
      : [],
  );
}

/** Figures 1, 2 and 5: the models of one size. */
export function printedPoints({ size, against }: Pick<PrintedFields, 'size' | 'against'>) {
  const bySize: Readonly<Record<Size, () => PrintedPoint[]>> = {
    '2B': () => (against === 'C' ? fixedRates() : pointsOf('fixed C', fixedC2B)),
    '3B': () => [
      ...pointsOf('65B tokens reused strictly', strict3B65),
      ...pointsOf('114B tokens reused strictly', strict3B114),
    ],
    '7B': () => [
      ...pointsOf('fixed C', fixedC7B),
      ...pointsOf('reused strictly', strict7B),
      ...pointsOf('reused loosely', loose7B),
      ...pointsOf('fixed D', fixedD7B),
    ],
  };
  return [...bySize[size](), ...densePoints(size)];
}

/** The points as series; dense models, which have no rate, are lines across against it. */
export function pointSeries(
  points: readonly PrintedPoint[],
  against: PrintedFields['against'],
): { series: PointSeries[]; across: { label: string; y: number }[] } {
  const shown = against === 'C' ? points : points.filter(({ ra }) => ra !== null);
  const labels = [...new Set(shown.map(({ series }) => series))];
  const series = labels.map((label) => ({
    label,
    points: shown
      .filter((point) => point.series === label)
      .map(({ ra, C, bpc }) => ({ x: against === 'C' ? C : (ra ?? Number.NaN), y: bpc }))
      .sort((a, b) => a.x - b.x),
  }));
  if (against === 'C') return { series, across: [] };
  const across = points
    .filter(({ ra }) => ra === null)
    .map(({ C, bpc }) => ({ label: `dense, C ${C.toExponential(2).replace('e+', 'e')}`, y: bpc }));
  return { series, across };
}

export function pointsTable(points: readonly PrintedPoint[]): FigureTable {
  return {
    columns: [
      { title: 'series' },
      { title: 'printed in' },
      { title: 'ra', format: 'percent' },
      { title: 'C, FLOPs', format: 'units' },
      { title: 'bits per character', format: 'bits' },
    ],
    rows: points.map(({ series, table, ra, C, bpc }) => [series, table, ra, C, bpc]),
  };
}
