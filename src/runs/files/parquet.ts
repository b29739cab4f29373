/** Tables as Parquet files. Writer and reader are loaded with the first file. */
import type { ParquetLimits } from './parquetCheck.ts';
import {
  arrayOf,
  type Column,
  type ColumnType,
  column,
  type Table,
  type TableSchema,
} from './table.ts';

/** Rows that are written and read together. */
const GROUP_ROWS = 65_536;

function listOf({ values, present }: Column): (number | null)[] {
  return Array.from(values, (value, row) => (present?.[row] === 0 ? null : value));
}

/** Plain pages: the zip around the file packs them. */
export async function parquetOf({ columns }: Table): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const buffer = parquetWriteBuffer({
    columnData: columns.map((column) => ({
      name: column.name,
      type: column.type,
      data: column.present === null ? column.values : listOf(column),
      nullable: column.present !== null,
      encoding: 'PLAIN',
      offsetIndex: false,
    })),
    codec: 'UNCOMPRESSED',
    statistics: false,
    rowGroupSize: GROUP_ROWS,
    createdBy: 'Switchyard',
  });
  return new Uint8Array(buffer);
}

/** Puts a piece of a column where it belongs. */
function place(
  values: Column['values'],
  present: Uint8Array,
  piece: ArrayLike<unknown>,
  from: number,
): void {
  for (let i = 0; i < piece.length; i++) {
    const value = piece[i];
    if (typeof value !== 'number') continue;
    values[from + i] = value;
    present[from + i] = 1;
  }
}

/** The columns of a file with their types. @throws as `tableOfParquet` */
export async function columnTypes(
  bytes: Uint8Array,
  limits: ParquetLimits,
): Promise<ReadonlyMap<string, ColumnType>> {
  const { checkParquet } = await import('./parquetCheck.ts');
  return checkParquet(bytes, limits).names;
}

/**
 * @param schema columns that are read; each must be there with its type
 * @throws RangeError, as the end of a sentence, for a file that is none, lacks a column, or has more
 *   rows or values than it may
 */
export async function tableOfParquet(
  bytes: Uint8Array,
  schema: TableSchema,
  limits: ParquetLimits,
): Promise<Table> {
  const [{ parquetMetadata, parquetRead }, { checkParquet }] = await Promise.all([
    import('hyparquet'),
    import('./parquetCheck.ts'),
  ]);
  const { rows, names } = checkParquet(bytes, limits);
  const missing = [...schema.keys()].filter((name) => !names.has(name));
  if (missing.length > 0) throw new RangeError(`it has no column ${missing.join(', ')}`);
  for (const [name, type] of schema) {
    if (names.get(name) !== type)
      throw new RangeError(`its column ${name} holds ${names.get(name)}, not ${type}`);
  }
  const metadata = parquetMetadata(bytes, { geoparquet: false });
  const read = new Map(
    [...schema].map(([name, type]) => [
      name,
      { values: arrayOf(type, rows), present: new Uint8Array(rows) },
    ]),
  );
  await parquetRead({
    file: {
      byteLength: bytes.length,
      slice: (from, to) => bytes.slice(from, to).buffer as ArrayBuffer,
    },
    metadata,
    columns: [...schema.keys()],
    onChunk({ columnName, columnData, rowStart }) {
      const into = read.get(columnName);
      if (into !== undefined) place(into.values, into.present, columnData, Number(rowStart));
    },
  });
  const columns = [...read].map(([name, { values, present }]) => column(name, values, present));
  return { rows, columns };
}
