import { isSelectionBias } from '../config/balancing.ts';
import type { GoldenTensors } from './subject.ts';

/** Keeps the selection biases of every step: rows of `bias.…` [steps + 1, R]. */
export class BiasRows {
  readonly #rows = new Map<string, number[][]>();

  add(params: ReadonlyMap<string, { data: ArrayLike<number> }>): void {
    for (const [name, { data }] of params)
      if (isSelectionBias(name))
        this.#rows.set(name, [...(this.#rows.get(name) ?? []), Array.from(data)]);
  }

  get tensors(): GoldenTensors {
    return new Map(
      [...this.#rows].map(([name, rows]) => [
        `bias.${name}`,
        { shape: [rows.length, rows[0]!.length], data: Float64Array.from(rows.flat()) },
      ]),
    );
  }
}
