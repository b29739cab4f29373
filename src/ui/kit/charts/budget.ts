/**
 * Values that one drawing may take in: a curve of a million values is drawn over several frames,
 * so that none of them takes long.
 */
export class Budget {
  #left: number;
  #isShort = false;

  constructor(values: number) {
    this.#left = values;
  }

  /** Whether something was left for another drawing. */
  get isShort(): boolean {
    return this.#isShort;
  }

  /** How many of `wanted` values may be taken in now. */
  take(wanted: number): number {
    const granted = Math.min(wanted, this.#left);
    this.#left -= granted;
    if (granted < wanted) this.#isShort = true;
    return granted;
  }
}

/** Values per drawing of one chart: about a millisecond for each line's work on them. */
export const DRAWN_AT_ONCE = 60_000;
