/** Tables in memory, for storage that is denied, and for tests. */
import type { Key, Range, TableName, Tables, TableValues, Transaction } from './tables.ts';

/** Numbers before texts, shorter keys before longer ones: the order of the browser's database. */
function compare(a: Key, b: Key): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (x === y) continue;
    if (typeof x !== typeof y) return typeof x === 'number' ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return a.length - b.length;
}

function isWithin(key: Key, { prefix, from }: Range): boolean {
  const next = key[prefix.length];
  return (
    prefix.every((part, i) => part === key[i]) &&
    (from === undefined || (next !== undefined && (typeof next === 'string' || next >= from)))
  );
}

type Entry = { key: Key; value: unknown };
type Table = Map<string, Entry>;

const nameOf = (key: Key) => JSON.stringify(key);

class MemoryTransaction implements Transaction {
  readonly #tables: Map<TableName, Table>;

  constructor(tables: Map<TableName, Table>) {
    this.#tables = tables;
  }

  async get<T extends TableName>(table: T, key: Key): Promise<TableValues[T] | undefined> {
    return structuredClone(this.#of(table).get(nameOf(key))?.value as TableValues[T] | undefined);
  }

  async all<T extends TableName>(table: T, range?: Range): Promise<TableValues[T][]> {
    return this.#entries(table, range).map(({ value }) => structuredClone(value as TableValues[T]));
  }

  async keys(table: TableName, range?: Range): Promise<Key[]> {
    return this.#entries(table, range).map(({ key }) => key);
  }

  async put<T extends TableName>(table: T, key: Key, value: TableValues[T]): Promise<void> {
    this.#of(table).set(nameOf(key), { key, value: structuredClone(value) });
  }

  async delete(table: TableName, range: Range): Promise<void> {
    for (const { key } of this.#entries(table, range)) this.#of(table).delete(nameOf(key));
  }

  #of(table: TableName): Table {
    const found = this.#tables.get(table) ?? new Map();
    this.#tables.set(table, found);
    return found;
  }

  #entries(table: TableName, range: Range = { prefix: [] }): Entry[] {
    return [...this.#of(table).values()]
      .filter(({ key }) => isWithin(key, range))
      .sort((a, b) => compare(a.key, b.key));
  }
}

/** Tables that die with the page. Transactions come one after the other and are not taken back. */
export function memoryTables(): Tables {
  const transaction = new MemoryTransaction(new Map());
  let last: Promise<unknown> = Promise.resolve();
  return {
    transact(_tables, _mode, body) {
      const next = last.then(() => body(transaction));
      last = next.catch(() => undefined);
      return next;
    },
  };
}
