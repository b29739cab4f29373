/** The table of runs: sorted, folded by seed, and as a file. */
import type { CellValue, Column } from './columns.ts';
import { meanOf } from './fold.ts';
import type { ComparedRun } from './places.ts';
import { compareValues } from './settings.ts';

export interface SortedBy {
  id: string;
  isDescending: boolean;
}

/** A row of the table: one run, or several of one experiment that differ in their seeds. */
export interface TableRow {
  runs: readonly [ComparedRun, ...ComparedRun[]];
}

/** What a cell says: of several runs the mean of their numbers, or what they have in common. */
export interface Cell {
  value: CellValue;
  /** One standard deviation over the runs; null where there is one run, or no number. */
  deviation: number | null;
  /** Runs whose value is known. */
  n: number;
}

/** The step of each run at which `at` columns are read. */
export type StepOf = (run: ComparedRun) => number;

export function cellOf(column: Column, { runs }: TableRow, step: StepOf): Cell {
  const values = runs.map((run) => column.value(run, step(run)));
  const [first = null] = values;
  const numbers = values.filter((value) => typeof value === 'number');
  if (runs.length === 1) return { value: first, deviation: null, n: first === null ? 0 : 1 };
  if (values.every((value) => value === first))
    return { value: first, deviation: typeof first === 'number' ? 0 : null, n: values.length };
  // A seed has no mean.
  if (numbers.length === 0 || column.setting?.kind === 'seed')
    return {
      value: [...new Set(values.filter((v) => v !== null))]
        .sort((a, b) => (a < b ? -1 : 1))
        .join(', '),
      deviation: null,
      n: values.length,
    };
  const { mean, deviation, n } = meanOf(numbers);
  return { value: mean, deviation, n };
}

/** Rows in the order of a column; of equal ones in the order given. What is missing stands last. */
export function sortedRows(
  rows: readonly TableRow[],
  column: Column,
  isDescending: boolean,
  step: StepOf,
): TableRow[] {
  const keyed = rows.map((row) => ({ row, value: cellOf(column, row, step).value }));
  const isMissing = (value: CellValue) => value === null || Number.isNaN(value);
  return keyed
    .sort((a, b) => {
      if (isMissing(a.value) || isMissing(b.value)) return compareValues(a.value, b.value);
      return (isDescending ? -1 : 1) * compareValues(a.value, b.value);
    })
    .map(({ row }) => row);
}

/** The row whose value of a column is the best; null where none is better than the others. */
export function bestOf(rows: readonly TableRow[], column: Column, step: StepOf): TableRow | null {
  if (column.better === null || rows.length < 2) return null;
  const [best, next] = sortedRows(rows, column, false, step);
  if (best === undefined || next === undefined) return null;
  const [a, b] = [cellOf(column, best, step).value, cellOf(column, next, step).value];
  return typeof a === 'number' && a !== b ? best : null;
}

/** Whether any two rows differ in a column. */
export function isDiffering(rows: readonly TableRow[], column: Column, step: StepOf): boolean {
  return new Set(rows.map((row) => cellOf(column, row, step).value)).size > 1;
}

function csvCell(value: CellValue): string {
  const text = value === null ? '' : String(value);
  // A cell that a spreadsheet would take for a formula is text; a number is none, whatever its sign.
  const isFormula = /^[=+@\t\r-]/.test(text) && Number.isNaN(Number(text));
  const safe = isFormula ? `'${text}` : text;
  return /[",;\t\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The table as CSV; values in full, those of folded runs with their deviation and number. */
export function tableCsv(
  rows: readonly TableRow[],
  columns: readonly Column[],
  step: StepOf,
): string {
  const isFolded = rows.some(({ runs }) => runs.length > 1);
  const titles = columns.flatMap(({ id, format }) =>
    isFolded && format !== 'text' && format !== 'setting' ? [id, `${id} (deviation)`] : [id],
  );
  const head = ['run', ...(isFolded ? ['runs'] : []), ...titles];
  const lines = rows.map((row) => {
    const cells = columns.flatMap((column) => {
      const { value, deviation } = cellOf(column, row, step);
      const hasTwo = isFolded && column.format !== 'text' && column.format !== 'setting';
      const shown = column.format === 'date' && typeof value === 'number' ? isoDate(value) : value;
      return hasTwo ? [shown, deviation] : [shown];
    });
    return [row.runs[0].row.name, ...(isFolded ? [row.runs.length] : []), ...cells];
  });
  return `${[head, ...lines].map((cells) => cells.map(csvCell).join(',')).join('\n')}\n`;
}

function isoDate(ms: number): string {
  return new Date(ms).toISOString();
}
