import {
  SCALAR_COUNT,
  SCALARS,
  type ScalarName,
  type StepRecords,
  scalarColumn,
} from '../train/telemetry.ts';

export type { ScalarName } from '../train/telemetry.ts';

const FIRST_CAPACITY = 1024;

/**
 * Every scalar of every step, one growable column per metric. Steps are consecutive; a gap left by
 * lost records is filled with NaN so that an index is always `step − firstStep`.
 */
export class MetricLog {
  #columns = SCALARS.map(() => new Float32Array(FIRST_CAPACITY));
  #length = 0;
  /** Step of the first value; 1 unless the run was restored from a checkpoint. */
  firstStep = 1;

  get length(): number {
    return this.#length;
  }

  /** Last step logged, `firstStep − 1` when empty. */
  get lastStep(): number {
    return this.firstStep + this.#length - 1;
  }

  /** Values so far [length]: a view that is valid until the next `append`. */
  column(name: ScalarName): Float32Array {
    return this.#columns[scalarColumn(name)]!.subarray(0, this.#length);
  }

  /** Value at a step, NaN outside of the log. */
  at(name: ScalarName, step: number): number {
    const i = step - this.firstStep;
    return i >= 0 && i < this.#length ? this.#columns[scalarColumn(name)]![i]! : Number.NaN;
  }

  append(records: StepRecords): void {
    if (records.n === 0) return;
    if (this.#length === 0) this.firstStep = records.firstStep;
    const start = records.firstStep - this.firstStep;
    if (start < 0) return;
    this.#reserve(start + records.n);
    for (const [c, column] of this.#columns.entries()) {
      if (start > this.#length) column.fill(Number.NaN, this.#length, start);
      for (let i = 0; i < records.n; i++)
        column[start + i] = records.scalars[i * SCALAR_COUNT + c]!;
    }
    this.#length = start + records.n;
  }

  #reserve(length: number): void {
    const capacity = this.#columns[0]!.length;
    if (length <= capacity) return;
    const next = Math.max(length, capacity * 2);
    this.#columns = this.#columns.map((column) => {
      const grown = new Float32Array(next);
      grown.set(column);
      return grown;
    });
  }
}
