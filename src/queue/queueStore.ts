/** What the queue keeps in the library's database: its items, results, and unfinished work. */
import type { UnitResult } from '../recipes/result.ts';
import type { SweepRun } from '../recipes/sweep.ts';
import { forgetQueued, noteQueued } from '../runs/queuedRuns.ts';
import type { Key, Tables } from '../runs/tables.ts';
import { forgetUnit } from '../train/recipes/unit.ts';
import type { WorkStore } from '../train/recipes/workStore.ts';
import type { QueueItem } from './items.ts';

/** An item as it is stored; its progress is counted anew. */
export type StoredItem = Pick<
  QueueItem,
  'id' | 'request' | 'title' | 'state' | 'failure' | 'addedAt'
>;

const ITEMS = ['queue', 'items'];
const WORK = ['queue', 'work'];
const RESULT = ['queue', 'result'];

export class QueueStore {
  readonly #tables: Tables;
  readonly work: WorkStore;

  constructor(tables: Tables) {
    this.#tables = tables;
    this.work = {
      get: (key) => this.#get([...WORK, key]),
      put: (key, value) => this.#put([...WORK, key], value),
      delete: (key) => this.#delete([...WORK, key]),
      keys: async () => (await this.#keys(WORK)).map((key) => String(key.at(-1))),
    };
  }

  /** Notes that a record is of a run to finish, or of one that is finished. */
  noteRun(id: string, isOpen: boolean): Promise<void> {
    return noteQueued(this.#tables, id, isOpen);
  }

  forgetRuns(): Promise<void> {
    return forgetQueued(this.#tables);
  }

  async items(): Promise<StoredItem[]> {
    return ((await this.#get(ITEMS)) as StoredItem[] | undefined) ?? [];
  }

  putItems(items: readonly StoredItem[]): Promise<void> {
    return this.#put(ITEMS, items);
  }

  /** Results whose keys begin so, in order of their keys. */
  results<T extends UnitResult | SweepRun>(key: Key): Promise<T[]> {
    return this.#tables.transact(['facts'], 'readonly', (tx) =>
      tx.all('facts', { prefix: [...RESULT, ...key] }),
    ) as Promise<T[]>;
  }

  /** Keys of the results that begin so, without their beginning, as texts. */
  async resultKeys(key: Key): Promise<ReadonlySet<string>> {
    const prefix = [...RESULT, ...key];
    return new Set((await this.#keys(prefix)).map((one) => one.slice(prefix.length).join(' ')));
  }

  /** Stores a result, and forgets what was kept to come to it. */
  async putResult(key: Key, result: UnitResult | SweepRun): Promise<void> {
    await this.#put([...RESULT, ...key], result);
    await forgetUnit(this.work, result);
  }

  #get(key: Key): Promise<unknown> {
    return this.#tables.transact(['facts'], 'readonly', (tx) => tx.get('facts', key));
  }

  #put(key: Key, value: unknown): Promise<void> {
    return this.#tables.transact(['facts'], 'readwrite', (tx) => tx.put('facts', key, value));
  }

  #delete(prefix: Key): Promise<void> {
    return this.#tables.transact(['facts'], 'readwrite', (tx) => tx.delete('facts', { prefix }));
  }

  #keys(prefix: Key): Promise<Key[]> {
    return this.#tables.transact(['facts'], 'readonly', (tx) => tx.keys('facts', { prefix }));
  }
}
