/** The library of runs over tables, wherever these lie. */
import type { ProbesAt } from '../analysis/probes/probesAt.ts';
import { listed } from '../config/plural.ts';
import type { OwnText } from '../data/ownText.ts';
import { compact } from './compaction.ts';
import {
  type Deleted,
  type Library,
  type RawRun,
  StorageError,
  type StorageUse,
} from './library.ts';
import {
  addPiece,
  addWhole,
  deleteRun,
  purge,
  putProbes,
  readCurves,
  readParts,
  readRaw,
} from './partTables.ts';
import { joined, piecesOf } from './pieces.ts';
import {
  type DamagedRun,
  type RowChange,
  type RunCurves,
  type RunParts,
  type RunPiece,
  type RunRow,
  storedName,
} from './record.ts';
import { StoredRows } from './storedRows.ts';
import { PART_TABLES, type TableName, type Tables, type Transaction } from './tables.ts';

/** Appends after which the small pieces are compacted. */
const COMPACT_AFTER = 32;
/** Checkpoints that stay of those that are not pinned. */
const KEPT_CHECKPOINTS = 2;

/** What a library needs of the browser. */
export interface LibraryHost {
  /** Tells other tabs which rows changed, and hears it of them. */
  channel: Pick<BroadcastChannel, 'postMessage' | 'addEventListener'> | null;
  storage: Pick<StorageManager, 'estimate' | 'persist' | 'persisted'> | null;
  /** Ids of the runs that are open in any tab: they are not deleted. */
  openRuns(): Promise<ReadonlySet<string>>;
  now(): number;
}

type Checkpoints = RunRow['checkpoints'];

function unknown(id: string): RangeError {
  return new RangeError(`There is no run "${id}" in the library.`);
}

/** Those that neither are pinned nor among the last. */
function outdated(checkpoints: Checkpoints): Checkpoints {
  const loose = checkpoints.filter(({ isPinned }) => !isPinned);
  return loose.slice(0, Math.max(0, loose.length - KEPT_CHECKPOINTS));
}

class TableLibrary implements Library {
  readonly #tables: Tables;
  readonly #host: LibraryHost;
  readonly #stored = new StoredRows();
  readonly #listeners = new Set<(ids: readonly string[]) => void>();
  /** Appends since the last compaction, and the step from which on it has not looked, by run. */
  readonly #small = new Map<string, { appends: number; from: number }>();

  constructor(tables: Tables, host: LibraryHost) {
    this.#tables = tables;
    this.#host = host;
    host.channel?.addEventListener('message', ({ data }: MessageEvent<readonly string[]>) =>
      this.#tell(data),
    );
  }

  async rows(): Promise<readonly RunRow[]> {
    return (await this.#all()).rows.sort((a, b) => b.begunAt - a.begunAt);
  }

  async damaged(): Promise<readonly DamagedRun[]> {
    return (await this.#all()).damaged;
  }

  async row(id: string): Promise<RunRow | null> {
    const stored = await this.#read(['rows'], (tx) => tx.get('rows', [id]));
    return stored === undefined ? null : this.#stored.read(id, stored);
  }

  raw(id: string): Promise<RawRun> {
    return this.#read(['rows', ...PART_TABLES], async (tx) => {
      const row: unknown = await tx.get('rows', [id]);
      if (row === undefined) throw unknown(id);
      return { row, ...(await readRaw(tx, id)) };
    });
  }

  curves(id: string): Promise<RunCurves> {
    return this.#read(['rows', 'scalars', 'validation', 'series'], async (tx) => {
      await this.#rowOf(tx, id);
      return readCurves(tx, id);
    });
  }

  parts(id: string): Promise<RunParts> {
    return this.#read(['rows', ...PART_TABLES], async (tx) => {
      await this.#rowOf(tx, id);
      return readParts(tx, id);
    });
  }

  async checkpoint(id: string, step: number): Promise<Uint8Array> {
    const pieces = await this.#read(['checkpoints'], (tx) =>
      tx.all('checkpoints', { prefix: [id, step] }),
    );
    if (pieces.length === 0)
      throw new RangeError(`No checkpoint of step ${step} is stored of the run "${id}".`);
    return joined(pieces);
  }

  async ownText(hash: string): Promise<OwnText | null> {
    return (await this.#read(['texts'], (tx) => tx.get('texts', [hash]))) ?? null;
  }

  async put(row: RunRow, parts: RunParts, ownText: OwnText | null): Promise<void> {
    await this.#write(['rows', 'deleted', 'texts', ...PART_TABLES], [row.id], async (tx) => {
      await deleteRun(tx, row.id);
      // Its parts are gone, so nothing is left to be brought back, or to be forgotten with the new ones.
      await tx.delete('deleted', { prefix: [row.id] });
      const bytes = await addWhole(tx, row.id, parts);
      await tx.put('rows', [row.id], { ...row, checkpoints: [], bytes });
      const hash = row.text?.hash ?? null;
      if (ownText !== null && hash !== null) await tx.put('texts', [hash], ownText);
    });
  }

  async append(row: RunRow, piece: RunPiece): Promise<void> {
    await this.#write(['rows', ...PART_TABLES], [row.id], (tx) => addPiece(tx, row, piece));
    const small = this.#small.get(row.id) ?? {
      appends: 0,
      from: piece.records?.firstStep ?? row.steps,
    };
    small.appends += 1;
    this.#small.set(row.id, small);
    const isOver = row.status !== 'open';
    if (!isOver && small.appends < COMPACT_AFTER) return;
    this.#small.delete(row.id);
    // What was appended is stored, whether or not its pieces can be joined.
    await compact(this.#tables, row.id, isOver ? 0 : small.from).catch(() => undefined);
  }

  putProbes(id: string, probes: ProbesAt): Promise<void> {
    return this.#write(['rows', 'probes'], [id], async (tx) => {
      const row = await this.#rowOf(tx, id);
      const added = await putProbes(tx, id, probes);
      await tx.put('rows', [id], { ...row, bytes: row.bytes + added });
    });
  }

  putCheckpoint(id: string, step: number, bytes: Uint8Array): Promise<void> {
    return this.#write(['rows', 'checkpoints'], [id], async (tx) => {
      const row = await this.#rowOf(tx, id);
      const before = row.checkpoints.find((one) => one.step === step);
      const one = {
        step,
        bytes: bytes.length,
        isPinned: before?.isPinned ?? false,
        at: this.#host.now(),
      };
      await tx.delete('checkpoints', { prefix: [id, step] });
      for (const [i, piece] of piecesOf(bytes).entries())
        await tx.put('checkpoints', [id, step, i], piece);
      const others = row.checkpoints.filter((other) => other.step !== step);
      const all = [...others, one].sort((a, b) => a.step - b.step);
      await this.#dropCheckpoints(tx, row, all, outdated(all));
    });
  }

  pin(id: string, step: number, isPinned: boolean): Promise<void> {
    return this.#write(['rows', 'checkpoints'], [id], async (tx) => {
      const row = await this.#rowOf(tx, id);
      const all = row.checkpoints.map((one) => (one.step === step ? { ...one, isPinned } : one));
      if (!all.some((one) => one.step === step))
        throw new RangeError(`No checkpoint of step ${step} is stored of the run "${id}".`);
      await this.#dropCheckpoints(tx, row, all, outdated(all));
    });
  }

  async removeCheckpoint(id: string, step: number): Promise<void> {
    const noted = () =>
      this.#write(['rows', 'checkpoints'], [id], async (tx) => {
        const row = await this.#rowOf(tx, id);
        const gone = row.checkpoints.filter((one) => one.step === step);
        await this.#dropCheckpoints(tx, row, row.checkpoints, gone);
      });
    try {
      await noted();
    } catch (error) {
      if (!(error instanceof StorageError) || error.kind !== 'full') throw error;
      // A full storage takes no row, but always a deletion alone; the row follows where that made room.
      await this.#write(['checkpoints'], [id], (tx) =>
        tx.delete('checkpoints', { prefix: [id, step] }),
      );
      await noted().catch(() => undefined);
    }
  }

  change(id: string, change: RowChange): Promise<void> {
    return this.#write(['rows'], [id], async (tx) => {
      await tx.put('rows', [id], { ...(await this.#rowOf(tx, id)), ...change });
    });
  }

  async remove(ids: readonly string[]): Promise<Deleted> {
    const open = await this.#host.openRuns();
    const at = this.#host.now();
    const rows = await this.#write(['rows', 'deleted'], ids, async (tx) => {
      const rows: Deleted['rows'][number][] = [];
      for (const id of ids) {
        const row = await tx.get('rows', [id]);
        if (row === undefined) continue;
        const name = storedName(id, row);
        if (open.has(id))
          throw new RangeError(`"${name}" is open; it can be deleted once it is closed.`);
        rows.push({ id, name });
        await tx.delete('rows', { prefix: [id] });
        await tx.put('deleted', [id], { row, at });
      }
      return rows;
    });
    return {
      rows,
      restore: () => this.#restore(rows, at),
      forget: () => this.#forget((id, then) => then === at && ids.includes(id)),
    };
  }

  /** Forgets what was deleted before a time, which no page can bring back any more. */
  forgetBefore(time: number): Promise<void> {
    return this.#forget((_, at) => at < time);
  }

  async use(): Promise<StorageUse> {
    const { storage } = this.#host;
    const [estimate, isPersisted, wasAsked] = await Promise.all([
      storage?.estimate().catch(() => null),
      storage?.persisted().catch(() => false),
      this.#read(['facts'], (tx) => tx.get('facts', ['persistAsked'])),
    ]);
    const isPersistent = isPersisted === true ? true : wasAsked === true ? false : null;
    return { used: estimate?.usage ?? null, allowed: estimate?.quota ?? null, isPersistent };
  }

  async persist(): Promise<boolean> {
    const isGranted = (await this.#host.storage?.persist().catch(() => false)) ?? false;
    await this.#write(['facts'], [], (tx) => tx.put('facts', ['persistAsked'], true));
    return isGranted;
  }

  /** @param at when they were deleted: whoever was deleted again since belongs to another undo */
  async #restore(rows: Deleted['rows'], at: number): Promise<void> {
    const ids = rows.map(({ id }) => id);
    const gone = await this.#write(['rows', 'deleted'], ids, async (tx) => {
      const gone: string[] = [];
      for (const { id, name } of rows) {
        const deleted = await tx.get('deleted', [id]);
        if (deleted?.at !== at) gone.push(`"${name}"`);
        else {
          await tx.delete('deleted', { prefix: [id] });
          await tx.put('rows', [id], deleted.row);
        }
      }
      return gone;
    });
    if (gone.length > 0) throw new RangeError(`nothing is left of ${listed(gone, ', ')}`);
  }

  subscribe(listener: (ids: readonly string[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #rowOf(tx: Transaction, id: string): Promise<RunRow> {
    const row = await tx.get('rows', [id]);
    if (row === undefined) throw unknown(id);
    return this.#stored.read(id, row);
  }

  /** Every row, and those that cannot be read. */
  async #all() {
    const [keys, stored] = await this.#read(['rows'], (tx) =>
      Promise.all([tx.keys('rows'), tx.all('rows')]),
    );
    return this.#stored.sorted(
      keys.map(([id]) => String(id)),
      stored,
    );
  }

  async #dropCheckpoints(
    tx: Transaction,
    row: RunRow,
    all: Checkpoints,
    gone: Checkpoints,
  ): Promise<void> {
    for (const { step } of gone) await tx.delete('checkpoints', { prefix: [row.id, step] });
    const checkpoints = all.filter((one) => !gone.includes(one));
    const sizeOf = (list: Checkpoints) => list.reduce((sum, { bytes }) => sum + bytes, 0);
    const bytes = row.bytes - sizeOf(row.checkpoints) + sizeOf(checkpoints);
    await tx.put('rows', [row.id], { ...row, checkpoints, bytes });
  }

  #forget(isGone: (id: string, at: number) => boolean): Promise<void> {
    const tables = ['rows', 'deleted', 'texts', 'conversions', ...PART_TABLES] as const;
    return this.#write(tables, [], (tx) => purge(tx, isGone));
  }

  #read<T>(tables: readonly TableName[], body: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#tables.transact(tables, 'readonly', body);
  }

  /** @param ids rows that change */
  async #write<T>(
    tables: readonly TableName[],
    ids: readonly string[],
    body: (tx: Transaction) => Promise<T>,
  ): Promise<T> {
    const answer = await this.#tables.transact(tables, 'readwrite', body);
    if (ids.length > 0) {
      this.#host.channel?.postMessage(ids);
      this.#tell(ids);
    }
    return answer;
  }

  #tell(ids: readonly string[]): void {
    for (const listener of this.#listeners) listener(ids);
  }
}

export type { TableLibrary };

export function tableLibrary(tables: Tables, host: LibraryHost): TableLibrary {
  return new TableLibrary(tables, host);
}
