/**
 * Pairs by count, the largest first and the lowest key among equals: a binary heap of (count, key).
 * Counts are those at the time of the push; the owner checks them on the way out.
 */
export class PairHeap {
  readonly #counts: number[] = [];
  readonly #keys: number[] = [];

  get size(): number {
    return this.#keys.length;
  }

  push(key: number, count: number): void {
    let i = this.#keys.push(key) - 1;
    this.#counts.push(count);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.#isBefore(i, parent)) return;
      this.#swap(i, parent);
      i = parent;
    }
  }

  /** The first pair, or null when there is none. */
  pop(): { key: number; count: number } | null {
    const last = this.size - 1;
    if (last < 0) return null;
    this.#swap(0, last);
    const key = this.#keys.pop()!;
    const count = this.#counts.pop()!;
    this.#sink();
    return { key, count };
  }

  #sink(): void {
    let i = 0;
    for (;;) {
      let first = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < this.size && this.#isBefore(child, first)) first = child;
      }
      if (first === i) return;
      this.#swap(i, first);
      i = first;
    }
  }

  #isBefore(i: number, j: number): boolean {
    const difference = this.#counts[i]! - this.#counts[j]!;
    return difference !== 0 ? difference > 0 : this.#keys[i]! < this.#keys[j]!;
  }

  #swap(i: number, j: number): void {
    [this.#counts[i], this.#counts[j]] = [this.#counts[j]!, this.#counts[i]!];
    [this.#keys[i], this.#keys[j]] = [this.#keys[j]!, this.#keys[i]!];
  }
}
