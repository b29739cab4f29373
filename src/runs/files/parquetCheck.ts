/**
 * Looks at every length of a Parquet file before its reader does: rows, columns, and in each page how
 * many values it claims and has. Read are files as this lab writes them: flat columns of numbers in
 * plain pages.
 */
import { type FileMetaData, parquetMetadata } from 'hyparquet';
import { counted } from '../../config/plural.ts';
import type { ColumnType } from './table.ts';
import { type Cursor, readStruct, type Struct, varInt } from './thrift.ts';

export interface ParquetLimits {
  rows: number;
  columns: number;
}

type Group = FileMetaData['row_groups'][number];
type Chunk = NonNullable<Group['columns'][number]['meta_data']>;

const BYTES: Readonly<Record<ColumnType, number>> = { INT32: 4, FLOAT: 4, DOUBLE: 8 };
/** Cells without a value take no bytes: at most so many as these times the file's are read. */
const MAX_CELL_BYTES = 8;
const MAX_CELLS = 2 ** 28;
const LEAST_CELLS = 65_536;
const MAX_FOOTER_BYTES = 16e6;
const MAGIC = 'PAR1';
/** Codes of a page with levels apart from its values, and of plain values. */
const DATA_PAGE_V2 = 3;
const PLAIN = 0;

const inDigits = (n: number) => n.toLocaleString('en');

function isColumnType(type: unknown): type is ColumnType {
  return typeof type === 'string' && Object.hasOwn(BYTES, type);
}

/** The file's own description, whose lengths were looked at first. */
function readFooter(bytes: Uint8Array): FileMetaData {
  const text = new TextDecoder('latin1');
  const ends = [bytes.subarray(0, 4), bytes.subarray(-4)].map((end) => text.decode(end));
  if (bytes.length < 12 || ends.some((end) => end !== MAGIC))
    throw new RangeError('it is no Parquet file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(bytes.length - 8, true);
  const most = Math.min(MAX_FOOTER_BYTES, bytes.length - 12);
  if (length > most)
    throw new RangeError(`its footer claims ${inDigits(length)} bytes of ${inDigits(most)}`);
  const end = bytes.length - 8;
  readStruct({ bytes: bytes.subarray(0, end), at: end - length });
  return parquetMetadata(bytes, { geoparquet: false });
}

/** A field that must be a number from 0. */
function count(struct: Struct | null, field: number): number {
  const value = struct?.get(field) ?? 0;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError('a header of one of its pages is damaged');
}

/** Values that definition levels of one bit mark as present. @throws RangeError unless there are `n` */
function presentOf(bytes: Uint8Array, n: number): number {
  const cursor: Cursor = { bytes, at: 0 };
  let present = 0;
  let seen = 0;
  while (seen < n) {
    const head = varInt(cursor);
    const isPacked = head % 2 === 1;
    const length = Math.floor(head / 2) * (isPacked ? 8 : 1);
    const runs = isPacked ? length / 8 : 1;
    // Packed levels come in eights, the last of which may be more than there are.
    if (length < 1 || seen + length >= n + (isPacked ? 8 : 1) || cursor.at + runs > bytes.length)
      throw new RangeError('the levels of one of its pages are damaged');
    for (let i = 0; i < Math.min(length, n - seen); i++) {
      const byte = bytes[cursor.at + (isPacked ? i >> 3 : 0)]!;
      present += isPacked ? (byte >> (i & 7)) & 1 : byte & 1;
      if (!isPacked && i === 0 && byte > 1)
        throw new RangeError('the levels of one of its pages are damaged');
    }
    cursor.at += runs;
    seen += length;
  }
  return present;
}

/** Checks one page; returns its values and where it ends. */
function checkPage(bytes: Uint8Array, at: number, isOptional: boolean, width: number) {
  const cursor: Cursor = { bytes, at };
  const page = readStruct(cursor);
  const head = page.get(8);
  const isPlain = head instanceof Map && count(head, 4) === PLAIN;
  if (count(page, 1) !== DATA_PAGE_V2 || !(head instanceof Map) || !isPlain)
    throw new RangeError('its pages are not plain ones of version 2, which alone are read');
  const [values, nulls, levels] = [count(head, 1), count(head, 2), count(head, 5)];
  const size = count(page, 3);
  const needed = levels + (values - nulls) * width;
  const isWhole = size === needed && size === count(page, 2) && count(head, 6) === 0;
  if (!isWhole || nulls > values || cursor.at + size > bytes.length || (!isOptional && levels > 0))
    throw new RangeError(
      `a page claims ${counted(values, 'value')} in ${counted(size, 'byte')}, which need ${inDigits(needed)}`,
    );
  const present = isOptional
    ? presentOf(bytes.subarray(cursor.at, cursor.at + levels), values)
    : values;
  if (present !== values - nulls)
    throw new RangeError(`a page claims ${inDigits(values - nulls)} values and has ${present}`);
  return { values, end: cursor.at + size };
}

/** Checks the pages of one column in one group of rows. */
function checkChunk(bytes: Uint8Array, chunk: Chunk, rows: number, isOptional: boolean): void {
  const { type, codec, data_page_offset, dictionary_page_offset, total_compressed_size } = chunk;
  if (codec !== 'UNCOMPRESSED' || dictionary_page_offset !== undefined || !isColumnType(type))
    throw new RangeError(
      `its column ${chunk.path_in_schema.join('.')} is packed by ${codec}${dictionary_page_offset === undefined ? '' : ' with a dictionary'}; read are plain ones`,
    );
  const end = Number(data_page_offset) + Number(total_compressed_size);
  let at = Number(data_page_offset);
  let seen = 0;
  if (!(at >= 0 && end <= bytes.length))
    throw new RangeError(`a column ends at byte ${inDigits(end)} of ${inDigits(bytes.length)}`);
  while (at < end) {
    const page = checkPage(bytes.subarray(0, end), at, isOptional, BYTES[type]);
    at = page.end;
    seen += page.values;
  }
  if (seen !== rows || Number(chunk.num_values) !== rows)
    throw new RangeError(
      `its column ${chunk.path_in_schema.join('.')} has ${counted(seen, 'value')} in ${counted(rows, 'row')}`,
    );
}

/** Names and types of the columns, and which of them may lack values. */
function columnsOf({ schema }: FileMetaData, limit: number) {
  const [root, ...leaves] = schema;
  if (leaves.length > limit)
    throw new RangeError(`it has ${counted(leaves.length, 'column')}; at most ${limit} are read`);
  if (root?.num_children !== leaves.length) throw new RangeError('its columns are nested');
  return leaves.map(({ name, type, repetition_type, num_children, converted_type }) => {
    const isFlat = !num_children && repetition_type !== 'REPEATED' && converted_type === undefined;
    if (!isFlat || !isColumnType(type))
      throw new RangeError(`its column ${name} is no column of ${Object.keys(BYTES).join(', ')}`);
    return { name, type, isOptional: repetition_type === 'OPTIONAL' };
  });
}

/**
 * @returns its rows, and its columns by name with their types
 * @throws RangeError, as the end of a sentence, for a file that claims more than it has or may have
 */
export function checkParquet(bytes: Uint8Array, limits: ParquetLimits) {
  const metadata = readFooter(bytes);
  const columns = columnsOf(metadata, limits.columns);
  const rows = Number(metadata.num_rows);
  if (!(rows >= 0 && rows <= limits.rows))
    throw new RangeError(
      `it has ${counted(rows, 'row')}; at most ${inDigits(limits.rows)} are read`,
    );
  const cells = Math.min(
    MAX_CELLS,
    LEAST_CELLS + Math.floor((MAX_CELL_BYTES * bytes.length) / BYTES.FLOAT),
  );
  if (rows * columns.length > cells)
    throw new RangeError(
      `it has ${counted(rows, 'row')} of ${counted(columns.length, 'column')}; of ${counted(bytes.length, 'byte')} at most ${inDigits(cells)} cells are read`,
    );
  let seen = 0;
  for (const group of metadata.row_groups) {
    const groupRows = Number(group.num_rows);
    seen += groupRows;
    if (!(groupRows >= 0 && seen <= rows) || group.columns.length !== columns.length)
      throw new RangeError(`its groups have more than ${counted(rows, 'row')}`);
    group.columns.forEach(({ meta_data, file_path }, i) => {
      const { name, type, isOptional } = columns[i]!;
      const isSame = meta_data?.path_in_schema.join('/') === name && meta_data.type === type;
      if (meta_data === undefined || !isSame || file_path !== undefined)
        throw new RangeError(`its column ${name} is not where it should be`);
      checkChunk(bytes, meta_data, groupRows, isOptional);
    });
  }
  if (seen !== rows) throw new RangeError(`its groups have ${inDigits(seen)} rows of ${rows}`);
  const names = new Map(columns.map(({ name, type }) => [name, type]));
  if (names.size !== columns.length) throw new RangeError('two of its columns have one name');
  return { rows, names };
}
