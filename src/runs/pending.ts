/** What a trainer reported and the library does not have yet. */
import type { StepRecords } from '../config/telemetry.ts';
import type { RunPiece, SampleRecord, ValidationRecord } from './record.ts';
import { groups, joinRecords, joinsRecords, lastStepOf, loadBytes } from './records.ts';

/** Bytes that wait at most where nothing can be stored; the oldest go first. */
const MOST_BYTES = 32 * 2 ** 20;

const bytesOf = (records: StepRecords) => records.scalars.byteLength + loadBytes(records);

export class Pending {
  #records: StepRecords[] = [];
  #validation: ValidationRecord[] = [];
  #samples: SampleRecord[] = [];
  #bytes = 0;

  get hasRecords(): boolean {
    return this.#records.length > 0;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return !this.hasRecords && this.#validation.length + this.#samples.length === 0;
  }

  /** Keeps a copy. */
  addRecords(records: StepRecords): void {
    this.#records.push(structuredClone(records));
    this.#bytes += bytesOf(records);
  }

  addValidation(record: ValidationRecord): void {
    this.#validation.push(record);
  }

  addSample(sample: SampleRecord): void {
    this.#samples.push(sample);
  }

  /** Everything so far, in pieces that the library takes; nothing waits afterwards. */
  take(): RunPiece[] {
    const records = groups(this.#records, joinsRecords).map(joinRecords);
    const [validation, samples] = [this.#validation, this.#samples];
    this.#records = [];
    this.#validation = [];
    this.#samples = [];
    this.#bytes = 0;
    const last = records.length - 1;
    if (last < 0) return [{ records: null, validation, samples }];
    return records.map((one, i) => ({
      records: one,
      validation: i === last ? validation : [],
      samples: i === last ? samples : [],
    }));
  }

  /** Pieces that were not stored wait again, before what came meanwhile. */
  giveBack(pieces: readonly RunPiece[]): void {
    const records = pieces.flatMap((piece) => (piece.records === null ? [] : [piece.records]));
    this.#records.unshift(...records);
    this.#validation.unshift(...pieces.flatMap(({ validation }) => validation));
    this.#samples.unshift(...pieces.flatMap(({ samples }) => samples));
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
