/** Where a library's records lie: tables of the browser's database, or of memory. */
import type { FiguresAt } from '../analysis/followed.ts';
import type { ProbesAt } from '../analysis/probes/probesAt.ts';
import type { OwnText } from '../data/ownText.ts';
import type { ConversionRecord } from './conversions/record.ts';
import type { RunRow, SampleRecord, Series, ValidationRecord } from './record.ts';
import type { LoadPiece, ScalarPiece } from './records.ts';

/** What each table holds, and its key. */
export interface TableValues {
  /** Id. */
  rows: RunRow;
  /** Id; with its parts until nobody can take it back. */
  deleted: { row: RunRow; at: number };
  /** Id, first step. */
  scalars: ScalarPiece;
  /** Id, first step. */
  loads: LoadPiece;
  /** Id, step. */
  validation: ValidationRecord;
  /** Id, step. */
  samples: readonly SampleRecord[];
  /** Id, step. */
  figures: FiguresAt;
  /** Id, step, seed. */
  probes: ProbesAt;
  /** Id, name: curves that no record holds. */
  series: Series;
  /** Id, step, place among the pieces. */
  checkpoints: Uint8Array;
  /** Hash. */
  texts: OwnText;
  /** Name. */
  facts: unknown;
  /** Id. */
  conversions: ConversionRecord;
  /** Id, name of the part, place among the pieces. */
  conversionParts: Uint8Array;
}

export type TableName = keyof TableValues;
export const TABLES = [
  'rows',
  'deleted',
  'scalars',
  'loads',
  'validation',
  'samples',
  'figures',
  'probes',
  'series',
  'checkpoints',
  'texts',
  'facts',
  'conversions',
  'conversionParts',
] as const satisfies readonly TableName[];

/** Tables of the parts of a run, whose keys begin with its id. */
export const PART_TABLES = [
  'scalars',
  'loads',
  'validation',
  'samples',
  'figures',
  'probes',
  'series',
  'checkpoints',
] as const satisfies readonly TableName[];

export type Key = readonly (string | number)[];

/** Keys that begin with `prefix`; `from`: whose next part is that much at least. */
export interface Range {
  prefix: Key;
  from?: number;
}

/** Reads and writes that happen together or not at all; awaits nothing but its own methods. */
export interface Transaction {
  get<T extends TableName>(table: T, key: Key): Promise<TableValues[T] | undefined>;
  /** In order of keys. */
  all<T extends TableName>(table: T, range?: Range): Promise<TableValues[T][]>;
  keys(table: TableName, range?: Range): Promise<Key[]>;
  /** What nobody waits for is written all the same, or the transaction fails. */
  put<T extends TableName>(table: T, key: Key, value: TableValues[T]): Promise<void>;
  delete(table: TableName, range: Range): Promise<void>;
}

export interface Tables {
  /** @throws StorageError where the storage is at fault; nothing is written then */
  transact<T>(
    tables: readonly TableName[],
    mode: 'readonly' | 'readwrite',
    body: (tx: Transaction) => Promise<T>,
  ): Promise<T>;
}
