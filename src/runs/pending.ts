/** What a trainer reported and the library does not have yet. */
import type { StepRecords } from '../config/telemetry.ts';
import type { SessionEvent } from '../train/session/events.ts';
import { NO_REPORTS, type RunPiece } from './record.ts';
import { groups, joinRecords, joinsRecords, lastStepOf, loadBytes } from './records.ts';
import { Reports } from './reports.ts';

/** Bytes that wait at most where nothing can be stored; the oldest go first. */
const MOST_BYTES = 32 * 2 ** 20;

const bytesOf = (records: StepRecords) => records.scalars.byteLength + loadBytes(records);

export class Pending {
  #records: StepRecords[] = [];
  readonly #reports = new Reports();
  #bytes = 0;

  get hasRecords(): boolean {
    return this.#records.length > 0;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return !this.hasRecords && this.#reports.isEmpty;
  }

  /** Keeps a copy. */
  addRecords(records: StepRecords): void {
    this.#records.push(structuredClone(records));
    this.#bytes += bytesOf(records);
  }

  /** @returns whether the event is a report */
  addReport(event: SessionEvent): boolean {
    return this.#reports.add(event);
  }

  /** Everything so far, in pieces that the library takes; nothing waits afterwards. */
  take(): RunPiece[] {
    const records = groups(this.#records, joinsRecords).map(joinRecords);
    const reports = this.#reports.take();
    this.#records = [];
    this.#bytes = 0;
    const last = records.length - 1;
    if (last < 0) return [{ records: null, ...reports }];
    return records.map((one, i) => ({ records: one, ...(i === last ? reports : NO_REPORTS) }));
  }

  /** Pieces that were not stored wait again, before what came meanwhile. */
  giveBack(pieces: readonly RunPiece[]): void {
    const records = pieces.flatMap((piece) => (piece.records === null ? [] : [piece.records]));
    this.#records.unshift(...records);
    this.#reports.giveBack(pieces);
    this.#bytes += records.reduce((sum, one) => sum + bytesOf(one), 0);
    while (this.#bytes > MOST_BYTES && this.#records.length > 1)
      this.#bytes -= bytesOf(this.#records.shift()!);
  }
}

/** Last step of pieces; null where they have no records. */
export function lastStepIn(pieces: readonly RunPiece[]): number | null {
  const { records } = pieces.at(-1) ?? { records: null };
  return records === null ? null : lastStepOf(records);
}
