/** The numbers behind a drawing: its text alternative, and its CSV file. */
import type { FigureFormat } from '../../../analysis/figures/figure.ts';
import { cell } from '../csv.ts';
import { formatValue } from './formats.ts';

export type FigureCell = string | number | null;

export interface FigureTable {
  columns: readonly { title: string; format?: FigureFormat }[];
  rows: readonly (readonly FigureCell[])[];
}

/** A cell as it is read; "–" for null and NaN, which stand for nothing. */
export function cellText(value: FigureCell, format: FigureFormat = 'units'): string {
  return typeof value === 'string' ? value : formatValue(value, format);
}

/** Whether a column has words: they stand to the left, numbers to the right. */
export function isWords({ rows }: FigureTable, column: number): boolean {
  return rows.every((row) => typeof row[column] === 'string');
}

function csvCell(value: FigureCell): string {
  if (typeof value === 'string') return cell(value);
  return value === null || Number.isNaN(value) ? '' : String(value);
}

/** The table as a CSV file, numbers in full. */
export function tableCsv({ columns, rows }: FigureTable): string {
  const lines = [columns.map(({ title }) => cell(title)), ...rows.map((row) => row.map(csvCell))];
  return `${lines.map((line) => line.join(',')).join('\n')}\n`;
}
