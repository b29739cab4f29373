/** Tables in the browser's own database. This file alone knows that there is one. */
import { type IDBPDatabase, openDB } from 'idb';
import { DATABASE } from './databases.ts';
import { StorageError } from './library.ts';
import {
  type Key,
  type Range,
  TABLES,
  type TableName,
  type Tables,
  type TableValues,
  type Transaction,
} from './tables.ts';

/** Raised with every table that is added. */
const DATABASE_VERSION = 3;

/** Sorts behind every number and text. */
const BEHIND: IDBValidKey = [];

function keyRange({ prefix, from }: Range): IDBKeyRange {
  const lower = from === undefined ? [...prefix] : [...prefix, from];
  return IDBKeyRange.bound(lower, [...prefix, BEHIND]);
}

const EVERYTHING: Range = { prefix: [] };

/** Why a database did not do what it was asked, in the library's words. */
function failureOf(error: unknown, isWiped: boolean): unknown {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'QuotaExceededError') {
    const message = 'The browser’s storage for this page is full.';
    return new StorageError({ kind: 'full', message, bytes: null }, error);
  }
  if (isWiped) return wiped(error);
  if (!(error instanceof DOMException)) return error;
  const message = `The browser’s database failed: ${error.message}`;
  return new StorageError({ kind: 'error', message, bytes: null }, error);
}

function wiped(cause?: unknown): StorageError {
  const message = 'What the browser stored for this page was deleted while it was open.';
  return new StorageError({ kind: 'wiped', message, bytes: null }, cause);
}

function denied(error: unknown): StorageError {
  const reason = error instanceof Error ? error.message : String(error);
  const message = `The browser stores nothing for this page: ${reason}`;
  return new StorageError({ kind: 'denied', message, bytes: null }, error);
}

type Stored = Awaited<ReturnType<typeof openDB>>;
type StoredTransaction = ReturnType<IDBPDatabase['transaction']>;

function transactionOf(tx: StoredTransaction): Transaction {
  const store = (table: TableName) => tx.objectStore(table);
  return {
    get: (table, key) => store(table).get([...key]),
    all: <T extends TableName>(table: T, range = EVERYTHING): Promise<TableValues[T][]> =>
      store(table).getAll(keyRange(range)),
    keys: async (table, range = EVERYTHING) =>
      (await store(table).getAllKeys(keyRange(range))) as unknown as Key[],
    put(table, key, value) {
      const done = Promise.resolve(store(table).put?.(value, [...key])).then(() => undefined);
      // The transaction fails with it.
      done.catch(() => undefined);
      return done;
    },
    async delete(table, range) {
      await store(table).delete?.(keyRange(range));
    },
  };
}

class IdbTables implements Tables {
  readonly #name: string;
  #database: Promise<Stored> | null = null;
  #isWiped = false;

  constructor(name: string) {
    this.#name = name;
  }

  /** @throws StorageError where the browser allows no database */
  open(): Promise<Stored> {
    this.#database ??= this.#connect();
    return this.#database;
  }

  async #connect(): Promise<Stored> {
    try {
      return await openDB(this.#name, DATABASE_VERSION, {
        upgrade(database) {
          for (const table of TABLES)
            if (!database.objectStoreNames.contains(table)) database.createObjectStore(table);
        },
        // Another tab deletes the database, or has a newer version of it.
        blocking: (_from, to, event) => {
          (event.target as IDBDatabase).close();
          this.#forget(to === null);
        },
        terminated: () => this.#forget(true),
      });
    } catch (error) {
      this.#database = null;
      throw denied(error);
    }
  }

  async transact<T>(
    tables: readonly TableName[],
    mode: 'readonly' | 'readwrite',
    body: (tx: Transaction) => Promise<T>,
  ): Promise<T> {
    const tx = await this.#begin(tables, mode);
    // What went wrong is found out below.
    const done = tx.done.catch(() => undefined);
    if (this.#isWiped && mode === 'readwrite') {
      this.#isWiped = false;
      tx.abort();
      throw wiped();
    }
    try {
      const answer = await body(transactionOf(tx));
      // Nothing else comes: the browser need not ask back, whether or not the page is there by then.
      if (mode === 'readwrite') tx.commit();
      await tx.done;
      return answer;
    } catch (error) {
      try {
        tx.abort();
      } catch {
        // It is over already.
      }
      await done;
      const wasWiped = this.#isWiped;
      if (mode === 'readwrite') this.#isWiped = false;
      throw failureOf(tx.error ?? error, wasWiped);
    }
  }

  async #begin(
    tables: readonly TableName[],
    mode: 'readonly' | 'readwrite',
  ): Promise<StoredTransaction> {
    const begin = async () =>
      (await this.open()).transaction([...tables], mode) as unknown as StoredTransaction;
    try {
      return await begin();
    } catch (error) {
      // The connection was closed meanwhile.
      if (!(error instanceof DOMException)) throw error;
      this.#database = null;
      return begin();
    }
  }

  #forget(isWiped: boolean): void {
    this.#database = null;
    this.#isWiped ||= isWiped;
  }
}

/**
 * Tables in a database of this origin.
 * @throws StorageError `denied` where the browser allows none
 */
export async function idbTables(name = DATABASE): Promise<Tables> {
  const tables = new IdbTables(name);
  await tables.open();
  return tables;
}
