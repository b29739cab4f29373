import { type Curve, CurveBuilder } from '../curve.ts';
import type { Columns, Curves, Quantity } from '../keptRuns.ts';

/** A value that a row has for a run. */
export interface Entry {
  quantity: Quantity;
  value: number;
}

/**
 * The curves of one run, row by row. A run that was resumed logs some steps again: the later try
 * counts from its first step on. A file may also be written from its last step to its first.
 */
export class RunBuilder {
  readonly #curves = new Map<Quantity, CurveBuilder>();
  /** Rows with another step than the one before. */
  #moves = 0;
  #step = Number.NaN;
  /** Whether all rows so far went down. */
  #isFalling = false;
  #resumedAt: number[] = [];
  #repeated = 0;

  /** Takes a row's values; `line` is named in errors. @throws RangeError where tokens go down */
  add(step: number, entries: readonly Entry[], line: number): void {
    this.#goTo(step);
    let isRepeated = false;
    for (const { quantity, value } of entries) {
      const curve = this.#curves.get(quantity) ?? new CurveBuilder();
      this.#curves.set(quantity, curve);
      if (quantity === 'tokens') {
        if (Number.isNaN(value)) continue;
        const isBack = this.#isFalling ? value > curve.last : value < curve.last;
        if (isBack)
          throw new RangeError(
            `line ${line}: tokens ${value} do not fit ${curve.last} on the line before it`,
          );
      }
      isRepeated = curve.push(step, value) || isRepeated;
    }
    if (isRepeated) this.#repeated += 1;
  }

  build(): Curves {
    const columns: Columns = {};
    let like: Curve | undefined;
    for (const [quantity, curve] of this.#curves) {
      if (curve.length === 0) continue;
      columns[quantity] = curve.build(this.#isFalling, like);
      like ??= columns[quantity];
    }
    return { columns, resumedAt: this.#resumedAt, repeated: this.#repeated };
  }

  #goTo(step: number): void {
    const before = this.#step;
    this.#step = step;
    if (step === before || Number.isNaN(before)) return;
    const isDown = step < before;
    this.#moves += 1;
    // Perhaps a file that is written from its end.
    if (isDown && this.#moves === 1) this.#isFalling = true;
    else if (isDown && !this.#isFalling) this.#resume(step);
    else if (!isDown && this.#isFalling) this.#rise(before);
  }

  /** What was logged from `step` on is stale. */
  #resume(step: number): void {
    for (const curve of this.#curves.values()) curve.dropWhile((later) => later >= step);
    this.#resumedAt.push(step);
  }

  /** What looked like a file written from its end were tries; the last one began at `step`. */
  #rise(step: number): void {
    this.#isFalling = false;
    for (const curve of this.#curves.values()) {
      const own = curve.lastStep === step ? curve.last : null;
      curve.dropWhile(() => true);
      if (own !== null) curve.push(step, own);
    }
    this.#resumedAt.push(step);
  }
}
