/** Tables as papers print them: reference data, each with the place that it stands at. */

export type PaperId = 'modse' | 'moepp' | 'tcmoe' | 'equalres' | 'ladimo';

export const PAPER_NAMES: Readonly<Record<PaperId, string>> = {
  modse: 'MoDSE',
  moepp: 'MoE++',
  tcmoe: 'TC-MoE',
  equalres: 'EqualRes',
  ladimo: 'LaDiMo',
};

export interface PrintedTable {
  paper: PaperId;
  /** Where it stands in the paper: "Table 7". */
  where: string;
  /** What it holds. */
  holds: string;
  /** What is odd about it. */
  note?: string;
  columns: readonly string[];
  /** Cells as printed, with their digits. */
  rows: readonly (readonly string[])[];
}

/** A table of lines of cells, the first of which names the columns. @throws RangeError for a line of another length */
export function printed({
  csv,
  ...about
}: Omit<PrintedTable, 'columns' | 'rows'> & { csv: string }): PrintedTable {
  const [columns = [], ...rows] = csv.split('\n').map((line) => line.split(','));
  const odd = rows.findIndex((row) => row.length !== columns.length);
  if (odd >= 0)
    throw new RangeError(
      `${about.paper} ${about.where}, row ${odd + 1}: ${rows[odd]!.length} cells for ${columns.length} columns`,
    );
  return { ...about, columns, rows };
}

const COLUMN_WORDS: Readonly<Record<string, string>> = {
  ra_percent: 'activation rate, %',
  bpc: 'bits per character',
  C: 'compute C, FLOPs',
  D_over_N: 'D/N',
  D_e: 'expert width',
  D_se: 'width of the shared expert',
};

/** What a column holds, as an axis is titled. */
export function columnWords(column: string): string {
  return Object.hasOwn(COLUMN_WORDS, column) ? COLUMN_WORDS[column]! : column;
}

/** The number of a printed cell: 1.70e9, 27.8%, 346M; NaN for what is none. */
export function cellNumber(cell: string): number {
  const [, digits = '', unit = ''] = /^([+−-]?[\d.]+(?:e[+-]?\d+)?)([%KMB×]?)$/.exec(cell) ?? [];
  if (digits === '') return Number.NaN;
  const scale = { '%': 0.01, K: 1e3, M: 1e6, B: 1e9 }[unit] ?? 1;
  return Number(digits.replace('−', '-')) * scale;
}

/** The numbers of a column. @throws RangeError for a column that the table does not have */
export function columnOf({ paper, where, columns, rows }: PrintedTable, column: string): number[] {
  const at = columns.indexOf(column);
  if (at < 0) throw new RangeError(`${paper} ${where} has no column "${column}"`);
  return rows.map((row) => cellNumber(row[at]!));
}
