const FIRST_CAPACITY = 1024;

/**
 * Columns of numbers over consecutive steps, growing in place. A gap left by lost records is filled
 * with NaN, so that an index is always `step − firstStep`.
 */
export class StepTable {
  #columns: Float32Array[];
  #length = 0;
  /** Step of the first row; 1 unless the run was restored from a checkpoint. */
  firstStep = 1;

  constructor(columns: number) {
    this.#columns = Array.from({ length: columns }, () => new Float32Array(FIRST_CAPACITY));
  }

  get length(): number {
    return this.#length;
  }

  /** Last step in the table, `firstStep − 1` when empty. */
  get lastStep(): number {
    return this.firstStep + this.#length - 1;
  }

  /** Values so far [length]: a view that is valid until the next `append`. */
  column(c: number): Float32Array {
    return this.#columns[c]!.subarray(0, this.#length);
  }

  /** Value at a step, NaN outside of the table. */
  at(c: number, step: number): number {
    const i = step - this.firstStep;
    return i >= 0 && i < this.#length ? this.#columns[c]![i]! : Number.NaN;
  }

  /** Adds the n steps from `firstStep` on; `value(c, i)` is column c of the i-th of them. */
  append(firstStep: number, n: number, value: (c: number, i: number) => number): void {
    if (n === 0) return;
    if (this.#length === 0) this.firstStep = firstStep;
    const start = firstStep - this.firstStep;
    if (start < 0) return;
    this.#reserve(start + n);
    for (const [c, column] of this.#columns.entries()) {
      if (start > this.#length) column.fill(Number.NaN, this.#length, start);
      for (let i = 0; i < n; i++) column[start + i] = value(c, i);
    }
    this.#length = start + n;
  }

  #reserve(length: number): void {
    const capacity = this.#columns[0]?.length ?? 0;
    if (length <= capacity) return;
    const next = Math.max(length, capacity * 2);
    this.#columns = this.#columns.map((column) => {
      const grown = new Float32Array(next);
      grown.set(column);
      return grown;
    });
  }
}
