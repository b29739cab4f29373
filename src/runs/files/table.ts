/** Tables as files hold them: columns of numbers, some of which may have no value in a row. */

export type ColumnType = 'INT32' | 'FLOAT' | 'DOUBLE';

interface ArrayOf {
  INT32: Int32Array;
  FLOAT: Float32Array;
  DOUBLE: Float64Array;
}

export type Column = {
  [T in ColumnType]: {
    name: string;
    type: T;
    /** [rows]; 0 where there is none. */
    values: ArrayOf[T];
    /** 1 where there is a value [rows]; null: everywhere. */
    present: Uint8Array | null;
  };
}[ColumnType];

export interface Table {
  rows: number;
  columns: readonly Column[];
}

/** A table's columns by name and type, as a reader expects them. */
export type TableSchema = ReadonlyMap<string, ColumnType>;

export function arrayOf<T extends ColumnType>(type: T, rows: number): ArrayOf[T] {
  const make: { [K in ColumnType]: () => ArrayOf[K] } = {
    INT32: () => new Int32Array(rows),
    FLOAT: () => new Float32Array(rows),
    DOUBLE: () => new Float64Array(rows),
  };
  return make[type]();
}

/** A column of some type; null for `present` where every row has a value. */
export function column(
  name: string,
  values: Column['values'],
  present: Uint8Array | null = null,
): Column {
  const isFull = present === null || present.every((flag) => flag === 1);
  const type =
    values instanceof Int32Array ? 'INT32' : values instanceof Float32Array ? 'FLOAT' : 'DOUBLE';
  return { name, type, values, present: isFull ? null : present } as Column;
}

const ROWS_AT_ONCE = 8192;

/** Shortest decimals that read back as the same 32-bit float. */
function floatText(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(Number(value.toPrecision(9)));
}

function cell({ type, values, present }: Column, row: number): string {
  if (present !== null && present[row] === 0) return '';
  const value = values[row]!;
  return type === 'FLOAT' && Number.isFinite(value) ? floatText(value) : String(value);
}

/** The table as CSV: a row of names, decimals that read back as they were, nothing where there is no value. */
export function* csvOf({ rows, columns }: Table): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  yield encoder.encode(`${columns.map(({ name }) => name).join(',')}\n`);
  for (let from = 0; from < rows; from += ROWS_AT_ONCE) {
    let text = '';
    for (let row = from; row < Math.min(rows, from + ROWS_AT_ONCE); row++)
      text += `${columns.map((column) => cell(column, row)).join(',')}\n`;
    yield encoder.encode(text);
  }
}
