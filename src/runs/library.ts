/** The library of runs as everybody but its storage sees it. */
import type { ProbesAt } from '../analysis/probes/probesAt.ts';
import type { OwnText } from '../data/ownText.ts';
import type { StorageFailure } from '../train/session/events.ts';
import type { DamagedRun, RowChange, RunCurves, RunParts, RunPiece, RunRow } from './record.ts';

export interface StorageUse {
  /** Bytes used and allowed; null where the browser does not tell. */
  used: number | null;
  allowed: number | null;
  /** Whether the browser keeps it until a person deletes it; null: never asked. */
  isPersistent: boolean | null;
}

export type { StorageFailure };

/** What a library's methods reject with where the storage is at fault. */
export class StorageError extends Error implements StorageFailure {
  readonly kind: StorageFailure['kind'];
  readonly bytes: number | null;

  constructor({ kind, message, bytes }: StorageFailure, cause?: unknown) {
    super(message, { cause });
    this.name = 'StorageError';
    this.kind = kind;
    this.bytes = bytes;
  }
}

/** Deleted runs until they are forgotten, here or by a visit that begins minutes later. */
export interface Deleted {
  readonly rows: readonly Pick<RunRow, 'id' | 'name'>[];
  /** Brings them back. @throws RangeError where some are forgotten, or were put anew; the others are back then */
  restore(): Promise<void>;
  /** Frees what they hold. */
  forget(): Promise<void>;
}

/** What is stored of a run as it lies there, for one that cannot be read. */
export interface RawRun {
  row: unknown;
  /** Values of its parts, by table. */
  tables: Readonly<Record<string, readonly unknown[]>>;
  /** Names of the curves among them. */
  seriesNames: readonly string[];
  /** Pieces of checkpoints by step. */
  checkpoints: ReadonlyMap<number, readonly Uint8Array[]>;
}

/** Time for which what was deleted can come back. */
export const UNDO_MS = 10 * 60_000;

export interface Library {
  /** All rows that can be read, latest first. */
  rows(): Promise<readonly RunRow[]>;
  /** Those that cannot. */
  damaged(): Promise<readonly DamagedRun[]>;
  /** @throws RangeError for a damaged one, with the reason */
  row(id: string): Promise<RunRow | null>;
  /** @throws RangeError for an unknown run */
  raw(id: string): Promise<RawRun>;
  /** The curves alone: what charts and tables need. @throws RangeError for an unknown run */
  curves(id: string): Promise<RunCurves>;
  parts(id: string): Promise<RunParts>;
  /** @throws RangeError where no such checkpoint is stored */
  checkpoint(id: string, step: number): Promise<Uint8Array>;
  ownText(hash: string): Promise<OwnText | null>;

  /** Puts a whole run, as files and received links bring it; its own text is kept once. */
  put(row: RunRow, parts: RunParts, ownText: OwnText | null): Promise<void>;
  /**
   * Appends what was trained. Records that begin at a step that is stored already take the place of
   * everything from that step on. What a person changed of the row, its checkpoints and its bytes
   * stay as they are stored.
   */
  append(row: RunRow, piece: RunPiece): Promise<void>;
  /** Puts what a run answered to probe tasks after it was trained, in the place of its answers at the same step and seed. */
  putProbes(id: string, probes: ProbesAt): Promise<void>;
  /** Stores a checkpoint; of those that are not pinned, the last two stay. */
  putCheckpoint(id: string, step: number, bytes: Uint8Array): Promise<void>;
  pin(id: string, step: number, isPinned: boolean): Promise<void>;
  removeCheckpoint(id: string, step: number): Promise<void>;
  change(id: string, change: RowChange): Promise<void>;
  /** @throws RangeError for a run that is open in any tab; nothing is deleted then */
  remove(ids: readonly string[]): Promise<Deleted>;

  use(): Promise<StorageUse>;
  /** Asks that the browser keep everything. */
  persist(): Promise<boolean>;
  /** Calls back when rows change, in this tab or another one; returns how to stop. */
  subscribe(listener: (ids: readonly string[]) => void): () => void;
}
